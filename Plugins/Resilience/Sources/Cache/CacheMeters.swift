internal import Omnibus

/// What is counted of a cache, by its name.
struct CacheMeters: Sendable {
  let hits: Counter
  let misses: Counter
  let entries: Gauge
  let bytes: Gauge

  init(_ name: String, _ metrics: Metrics) {
    let labels = [(name: "cache", value: name)]
    hits = metrics.counter("omnibus_cache_hits_total", "Messages that got the answer of another one.", labels)
    misses = metrics.counter("omnibus_cache_misses_total", "Messages for which a cache had no answer.", labels)
    entries = metrics.gauge("omnibus_cache_entries", "Answers in a cache.", labels)
    bytes = metrics.gauge("omnibus_cache_bytes", "Bytes that the answers in a cache take, nearly.", labels)
  }
}
