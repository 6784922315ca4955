internal import Omnibus
internal import OmnibusReactor

/// A broker, and how a connection to it is made.
struct Broker: Sendable {
  let addresses: [BrokerAddress]
  let vhost: String
  let user: String
  let password: Secret
  let tls: TLSClientConfiguration
  /// Seconds without a sign of life; 0 for any number.
  let heartbeat: Int32
  let connectTimeout: Duration
  /// What the broker shows the connection as.
  let name: String
}
