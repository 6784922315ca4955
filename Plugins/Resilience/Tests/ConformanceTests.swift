import Omnibus
import OmnibusTesting
import ResiliencePlugin
import Testing

@Suite("resilience, conformance")
struct ConformanceTests {
  @Test("retry") func retry() async {
    await Conformance.middleware(
      "retry", of: .resilience, options: ["attempts": 4, "backoff": ["initial": "1s", "jitter": "none"]]
    ) { [.unavailable, .timeout, .overloaded].contains($0) ? 4 : 1 }
  }

  @Test("retry after the kinds that it is told") func retryKinds() async {
    await Conformance.middleware("retry", of: .resilience, options: ["attempts": 3, "on": ["rejected", "internal"]]) {
      $0 == .rejected || $0 == .internal ? 3 : 1
    }
  }

  @Test("timeout") func timeout() async {
    await Conformance.middleware("timeout", of: .resilience, options: "10s", givesUp: true)
  }

  @Test("circuit_breaker") func circuitBreaker() async {
    await Conformance.middleware("circuit_breaker", of: .resilience, options: ["minimum_calls": 100, "window": 100])
  }

  @Test("bulkhead") func bulkhead() async {
    await Conformance.middleware("bulkhead", of: .resilience, options: ["limit": 3, "queue": 100], atOnce: 3)
  }

  @Test("rate_limit") func rateLimit() async {
    await Conformance.middleware("rate_limit", of: .resilience, options: ["rate": "1000/s"])
  }

  @Test("rate_limit with a key") func rateLimitKey() async {
    await Conformance.middleware("rate_limit", of: .resilience, options: ["rate": "1000/s", "key": "message.id"])
  }

  @Test("fallback") func fallback() async {
    await Conformance.middleware("fallback", of: .resilience, options: ["steps": []], handlesFailures: true)
  }

  @Test("fallback for some kinds") func fallbackKinds() async {
    await Conformance.middleware(
      "fallback", of: .resilience, options: ["steps": [], "on": ["unavailable"]], handlesFailures: true)
  }

  @Test("cache, where each message has its own key") func cache() async {
    await Conformance.middleware("cache", of: .resilience, options: ["key": "uuid()"])
  }
}
