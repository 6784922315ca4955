import Omnibus
import OmnibusAdmin
import Testing

struct PrometheusTextTests {
  @Test func `each family has its help, its type and its series`() {
    let metrics = Metrics()
    let orders = metrics.counter("omnibus_messages_total", "Messages.", [("route", "orders"), ("outcome", "done")])
    orders.add(3)
    let depth = metrics.observe("omnibus_queue_depth", "What waits.", [("queue", "a\"b\\c\nd")]) { 1.5 }
    metrics.gauge("omnibus_routes", "Routes\nthat \\ run.").set(-2)
    let expected = """
      # HELP omnibus_messages_total Messages.
      # TYPE omnibus_messages_total counter
      omnibus_messages_total{route="orders",outcome="done"} 3
      # HELP omnibus_queue_depth What waits.
      # TYPE omnibus_queue_depth gauge
      omnibus_queue_depth{queue="a\\"b\\\\c\\nd"} 1.5
      # HELP omnibus_routes Routes\\nthat \\\\ run.
      # TYPE omnibus_routes gauge
      omnibus_routes -2

      """
    #expect(String(decoding: PrometheusText.write(metrics.read()), as: UTF8.self) == expected)
    withExtendedLifetime((orders, depth)) {}
  }

  @Test func `the buckets of a histogram count up, and the last one has all`() {
    let metrics = Metrics()
    let histogram = metrics.histogram("omnibus_call_seconds", "Calls.", [("step", "to-1")])
    for nanoseconds in [1, 100_000, 100_001, 2_000_000_000, 120_000_000_000] as [UInt64] {
      histogram.record(nanoseconds: nanoseconds)
    }
    let expected = """
      # HELP omnibus_call_seconds Calls.
      # TYPE omnibus_call_seconds histogram
      omnibus_call_seconds_bucket{step="to-1",le="0.0001"} 2
      omnibus_call_seconds_bucket{step="to-1",le="0.0005"} 3
      omnibus_call_seconds_bucket{step="to-1",le="0.001"} 3
      omnibus_call_seconds_bucket{step="to-1",le="0.005"} 3
      omnibus_call_seconds_bucket{step="to-1",le="0.01"} 3
      omnibus_call_seconds_bucket{step="to-1",le="0.05"} 3
      omnibus_call_seconds_bucket{step="to-1",le="0.1"} 3
      omnibus_call_seconds_bucket{step="to-1",le="0.5"} 3
      omnibus_call_seconds_bucket{step="to-1",le="1"} 3
      omnibus_call_seconds_bucket{step="to-1",le="5"} 4
      omnibus_call_seconds_bucket{step="to-1",le="10"} 4
      omnibus_call_seconds_bucket{step="to-1",le="60"} 4
      omnibus_call_seconds_bucket{step="to-1",le="+Inf"} 5
      omnibus_call_seconds_sum{step="to-1"} 122.000200002
      omnibus_call_seconds_count{step="to-1"} 5

      """
    #expect(String(decoding: PrometheusText.write(metrics.read()), as: UTF8.self) == expected)
  }

  @Test(arguments: [(Double.nan, "NaN"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (0, "0"), (1e20, "1e+20")])
  func `numbers are written as Prometheus reads them`(number: Double, text: String) {
    let metrics = Metrics()
    let observation = metrics.observe("number", "A number.") { number }
    #expect(String(decoding: PrometheusText.write(metrics.read()), as: UTF8.self).hasSuffix("\nnumber \(text)\n"))
    withExtendedLifetime(observation) {}
  }
}
