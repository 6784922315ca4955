internal import Omnibus

/// The options of `cache`.
struct CacheOptions: Options {
  @Option(help: "an expression: messages with the same value get the same answer")
  var key: StateKey

  @Option(help: "how long an answer is given again", range: .milliseconds(1) ... .seconds(7 * 86_400))
  var ttl: Duration = .seconds(60)

  @Option(help: "how many answers are kept, the last ones used", range: 1...1_000_000)
  var entries: Int = 1_000

  @Option(
    help: "how much room they may take in all; an answer of more than that is not kept",
    range: ByteSize(bytes: 1 << 10)...ByteSize(bytes: 1 << 40))
  var size: ByteSize = ByteSize(bytes: 16 << 20)
}
