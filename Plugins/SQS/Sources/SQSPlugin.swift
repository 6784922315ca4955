public import Omnibus

extension Plugin {
  /// Queues of Amazon SQS.
  public static let sqs = Plugin(name: "sqs", version: "0.1.0", components: [])
}
