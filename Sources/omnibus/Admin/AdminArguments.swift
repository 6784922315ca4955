internal import ArgumentParser
internal import Glibc
internal import Omnibus
internal import OmnibusReactor

/// Where a command finds the running engine, and how it logs in there.
struct AdminArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The admin API of the engine; OMNIBUS_ADMIN, or http://127.0.0.1:9640, unless given.", valueName: "url"))
  var admin: String?
  @Option(
    help: ArgumentHelp("A file with the token; OMNIBUS_ADMIN_TOKEN holds the token itself.", valueName: "file"))
  var tokenFile: String?
  @Option(
    help: ArgumentHelp(
      "The authorities to trust where the engine speaks HTTPS, PEM; those of the system unless given.",
      valueName: "file"))
  var caFile: String?
  @Flag(help: "Print what the engine answers as JSON.") var json = false

  /// The address without a slash at its end.
  var url: String {
    var url = admin ?? Self.variable("OMNIBUS_ADMIN") ?? "http://127.0.0.1:9640"
    while url.hasSuffix("/") { url.removeLast() }
    return url
  }

  /// The token; nil for none.
  func token() throws -> String? {
    guard let tokenFile else { return Self.variable("OMNIBUS_ADMIN_TOKEN") }
    let bytes = try InputFile.read(tokenFile)
    let text = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).first ?? ""
    guard (1...256).contains(text.utf8.count) else { throw ValidationError("\(tokenFile) holds no token") }
    return String(text)
  }

  func validate() throws {
    guard url.hasPrefix("https://") || url.hasPrefix("http://") else {
      throw ValidationError("the admin API is an address such as http://127.0.0.1:9640, found \"\(url)\"")
    }
  }

  /// Whether what is sent stays on this machine, or nobody on the way can read it.
  var isPrivate: Bool {
    guard url.hasPrefix("http://") else { return true }
    let authority = url.dropFirst(7).split(separator: "/").first.map(String.init) ?? ""
    let address = SocketAddress.split(authority) == nil ? "\(authority):80" : authority
    return SocketAddress.split(address)?.host.lowercased() == "localhost" || SocketAddress(address)?.isLoopback == true
  }

  private static func variable(_ name: String) -> String? {
    guard let value = getenv(name).map({ String(cString: $0) }), !value.isEmpty else { return nil }
    return value
  }
}
