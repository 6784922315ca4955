internal import Omnibus
internal import OmnibusHTTP

/// The option `proxy` of `to: rest`.
struct ProxyOption: OptionValue {
  let proxy: HTTPProxy

  struct Written: Options {
    @Option(help: "the address of the proxy, http or https", check: { WebAddress.problem($0) })
    var url: String

    @Option(help: "the user to log in as", default: "none")
    var login: Login? = nil

    @Option(
      help: "the hosts that are reached without it: names, with all below them, and networks such as 10.0.0.0/8",
      default: "none")
    var noProxy: [String] = []

    func validate(_ node: Node, in scope: LoadScope) {
      for name in node["no_proxy"]?.elements ?? [] where (name.text ?? "").contains(where: { ", ".contains($0) }) {
        scope.report(
          "invalid-option", at: name.location, "\(scope.subject): no_proxy holds more than one host in one text")
      }
    }
  }

  static var shape: OptionShape { .either([.oneOf(["none", "environment"]), Written.shape]) }

  static func decode(_ node: Node, in scope: LoadScope) -> ProxyOption? {
    switch node.text {
    case "none": return ProxyOption(proxy: .none)
    case "environment": return ProxyOption(proxy: .environment)
    default:
      guard let written = Written.decode(node, in: scope) else { return nil }
      return ProxyOption(
        proxy: .server(
          HTTPProxy.Server(
            url: written.url, user: written.login?.user, password: written.login?.password.reveal,
            except: written.noProxy)))
    }
  }
}
