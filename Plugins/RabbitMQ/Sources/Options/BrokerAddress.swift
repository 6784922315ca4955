internal import Omnibus

/// Where a broker listens: `amqp://host:5672`, or `amqps://host:5671` with TLS.
struct BrokerAddress: OptionValue, Hashable {
  let host: String
  let port: Int32
  let isSecure: Bool

  static var shape: OptionShape { .scalar("address", example: "amqps://broker.example:5671") }

  static func decode(_ node: Node, in scope: LoadScope) -> BrokerAddress? {
    guard let text = String.decode(node, in: scope) else { return nil }
    do throws(OptionProblem) {
      return try BrokerAddress(text)
    } catch {
      scope.report("invalid-option", at: node.location, "\(scope.subject) \(error.message)", help: error.help)
      return nil
    }
  }

  /// Reads an address (rabbitmq.com, "URI Specification"), which holds neither a user nor a virtual host here.
  init(_ text: String) throws(OptionProblem) {
    let lower = text.lowercased()
    guard let scheme = ["amqp://", "amqps://"].first(where: lower.hasPrefix) else {
      throw OptionProblem(nil, "starts with amqp:// or amqps://")
    }
    isSecure = scheme == "amqps://"
    let rest = text.dropFirst(scheme.count)
    if rest.contains("@") {
      throw OptionProblem(nil, "holds a user", help: "write login: { user: …, password: \"${env:NAME}\" }")
    }
    let isBare = rest.hasSuffix("/") && rest.dropLast().allSatisfy { $0 != "/" }
    let place = isBare ? rest.dropLast() : rest
    if place.contains(where: { "/?#".contains($0) }) {
      throw OptionProblem(nil, "holds more than a host and a port", help: "write vhost: NAME")
    }
    let colon = place.hasPrefix("[") ? place.lastIndex(of: "]").map(place.index(after:)) : place.firstIndex(of: ":")
    let end = colon ?? place.endIndex
    let name = place[..<end]
    host = name.hasPrefix("[") && name.hasSuffix("]") ? String(name.dropFirst().dropLast()) : String(name)
    guard !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw OptionProblem(nil, "names no host")
    }
    guard end < place.endIndex else {
      port = isSecure ? 5671 : 5672
      return
    }
    guard let number = Int32(place[end...].dropFirst()), (1...65_535).contains(number) else {
      throw OptionProblem(nil, "has no port from 1 to 65535 behind the host")
    }
    port = number
  }
}

/// One address, or several that are tried in turn.
struct BrokerAddresses: OptionValue {
  let all: [BrokerAddress]

  static var shape: OptionShape { .either([BrokerAddress.shape, .list(BrokerAddress.shape)]) }

  static func decode(_ node: Node, in scope: LoadScope) -> BrokerAddresses? {
    guard let elements = node.elements else { return BrokerAddress.decode(node, in: scope).map { Self(all: [$0]) } }
    guard !elements.isEmpty else {
      scope.report("invalid-option", at: node.location, "\(scope.subject) names no address")
      return nil
    }
    return [BrokerAddress].decode(node, in: scope).map(Self.init)
  }
}
