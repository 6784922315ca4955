internal import Omnibus
internal import OmnibusReactor

/// What is counted of one listener.
final class ListenerMeters: Sendable {
  private let answers: [Counter]
  private let refused: Counter
  private let accepted: Counter
  private let closed = Counter()
  private let evicted: Counter
  private let handshakes: Counter
  private let open: Observation

  /// The meters of the listener at `address`.
  init(_ metrics: Metrics, _ address: String) {
    let label = (name: "listener", value: address)
    answers = (1...5).map { status in
      metrics.counter(
        "omnibus_http_requests_total", "Requests that were answered, by the first digit of the status.",
        [label, ("status", "\(status)xx")])
    }
    refused = metrics.counter(
      "omnibus_http_requests_refused_total",
      "Requests that were answered with an error before a route had them: malformed, too large, too slow.", [label])
    let accepted = metrics.counter("omnibus_http_connections_total", "Connections that were accepted.", [label])
    self.accepted = accepted
    evicted = metrics.counter(
      "omnibus_http_connections_evicted_total", "Idle connections that were closed to make room for others.", [label])
    handshakes = metrics.counter(
      "omnibus_http_tls_handshakes_refused_total", "Connections that ended before their TLS handshake did.", [label])
    let closed = closed
    open = metrics.observe("omnibus_http_connections", "Connections that are open.", [label]) {
      let ended = closed.value
      return Double(max(accepted.value - ended, 0))
    }
  }

  func answered(_ status: Int) { answers[min(max(status / 100, 1), 5) - 1].add() }
  func refusedRequest() { refused.add() }
  func evictedConnections(_ count: Int) { evicted.add(count) }
  func connected() { accepted.add() }

  /// A connection has ended; `isSecure` says that the handshake was over, or that there was none to be.
  func disconnected(isEstablished: Bool) {
    closed.add()
    if !isEstablished { handshakes.add() }
  }
}
