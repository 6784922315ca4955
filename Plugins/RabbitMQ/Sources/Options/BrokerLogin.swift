internal import Omnibus

/// The user of a broker: SASL PLAIN (RFC 4616).
struct BrokerLogin: Options {
  @Option(help: "the name of the user", check: Self.problem)
  var user: String

  @Option(help: "the password", check: { Self.problem($0.reveal) })
  var password: Secret

  @Sendable private static func problem(_ text: String) -> String? {
    if text.isEmpty { return "must not be empty" }
    return text.utf8.contains(0) ? "must not hold a zero byte" : nil
  }
}
