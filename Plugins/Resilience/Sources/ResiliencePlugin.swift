public import Omnibus

extension Plugin {
  /// Middleware that keeps a route going when what it talks to is slow or fails.
  public static let resilience = Plugin(
    name: "resilience", version: "0.1.0",
    components: [
      .middleware(
        "timeout",
        "Fails what takes longer than the given time, which may have taken effect; where that matters, limit the destination.",
        Duration.self
      ) { limit, _ in
        guard limit > .zero else {
          throw OptionProblem(nil, "must be more than nothing", help: "write a time such as 30s")
        }
        return Timeout(limit: limit)
      },
      .middleware("retry", "Tries again what failed and may succeed later.", RetryOptions.self) { options, _ in
        Retry(options)
      },
      .middleware(
        "circuit_breaker", "Refuses calls to what fails or is slow too often, until it is well again.",
        CircuitBreakerOptions.self
      ) { options, context in CircuitBreaker(options, context) },
      .middleware(
        "bulkhead", "Lets so many messages in at once; others wait or are refused.", BulkheadOptions.self
      ) { options, context in Bulkhead(options, context) },
      .middleware(
        "rate_limit", "Lets messages pass so often; others wait or are refused.", RateLimitOptions.self
      ) { options, context in RateLimit(options, context) },
      .middleware("fallback", "Runs other steps where what it wraps fails.", FallbackOptions.self) { options, _ in
        Fallback(options)
      },
      .middleware("cache", "Gives messages the answer of an earlier one.", CacheOptions.self) { options, context in
        Cache(options, context)
      },
    ])
}
