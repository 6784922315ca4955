internal import Omnibus
internal import OmnibusAWS

/// The options of `from: s3`.
struct S3SourceOptions: Options {
  @Option(help: "the bucket to take objects from", check: S3Bucket.problem)
  var bucket: String

  @Option(help: "what the keys begin with, such as inbound/", default: "none, all of the bucket")
  var prefix: String = ""

  @Option(help: "what the keys end in, such as .csv", default: "none")
  var suffix: String = ""

  @Option(
    help:
      "what becomes of objects whose messages succeeded: delete, or a map that says where they move, or which tags they get"
  )
  var done: AfterSuccess

  @Option(
    help: "what becomes of objects whose messages failed: left, and tried again after a while, or as with done",
    default: .code("leave"))
  var failed: AfterFailure = AfterFailure(work: .leave)

  @Option(
    help:
      "how often an object is taken whose message fails by what may pass, such as a service that is down, before failed is done with it",
    default: "without end", check: { ($0 ?? 1) < 1 ? "must be at least 1" : nil })
  var attempts: Int? = nil

  @Option(
    help:
      "learn of new objects by the events that the bucket sends to a queue, itself or by SNS, in the place of lists",
    default: "none, the bucket is listed")
  var notifications: NotificationOptions? = nil

  @Option(help: "how often to list the bucket", range: .milliseconds(10)...Duration.seconds(86_400))
  var poll: Duration = .seconds(10)

  @Option(help: "how many objects to work on at once; more than one means in no order", range: 1...1_000)
  var maxInFlight: Int = 1

  @Option(help: "larger objects are read piece by piece while they are worked on, smaller ones at once")
  var streamAbove: ByteSize = ByteSize(bytes: 16 << 20)

  @Option(
    help: "whether the bucket is in the path of the address, and not in the name of the host",
    default: "true where endpoint is not AWS itself, or the bucket's name has dots")
  var pathStyle: Bool? = nil

  @Option(
    help: "how long a request may take, with its answer; where an object streams, the longest silence",
    check: { $0 > .zero ? nil : "must be more than nothing" })
  var timeout: Duration = .seconds(60)

  /// How AWS is reached, and as whom.
  var aws = AWSOptions()

  func validate(_ node: Node, in scope: LoadScope) {
    aws.validate(node, in: scope)
    if notifications == nil, done.work == .leave {
      scope.report(
        "conflicting-options", at: node["done"]?.location ?? node.location,
        "\(scope.subject): what is left would be taken again with the next list",
        help: "write delete, { move: outbound/ } or { tag: { state: done } }")
    }
    if notifications != nil, let poll = node["poll"] {
      scope.report(
        "conflicting-options", at: poll.location, "\(scope.subject): poll has no meaning with notifications",
        help: "leave one of them out")
    }
    for (name, work) in [("done", done.work), ("failed", failed.work)] {
      guard case .move(let target) = work, target.utf8.starts(with: prefix.utf8) else { continue }
      scope.report(
        "conflicting-options", at: node[name]?.location ?? node.location,
        "\(scope.subject): what is moved to \"\(target)\" would be taken from there again",
        help: prefix.isEmpty ? "write a prefix that the source takes from" : "move it to a prefix beside \"\(prefix)\"")
    }
  }
}
