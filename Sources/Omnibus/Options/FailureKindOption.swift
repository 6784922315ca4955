/// Routes name kinds of failures: `fail: { kind: rejected }`, `retry: { on: [unavailable] }`.
extension Failure.Kind: OptionEnum {}
