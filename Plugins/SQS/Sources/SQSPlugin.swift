public import Omnibus

extension Plugin {
  /// Queues of Amazon SQS.
  public static let sqs = Plugin(
    name: "sqs", version: "0.1.0",
    components: [
      .source(
        "sqs", "Takes the messages of a queue of Amazon SQS, and deletes those that the route took.",
        SQSSourceOptions.self, connection: "aws"
      ) { options, context in try SQSSource(options, context) },
      .destination(
        "sqs", "Sends the message to a queue of Amazon SQS, with others in one request.", SQSDestinationOptions.self,
        answers: false, connection: "aws"
      ) { options, context in try SQSDestination(options, context) },
    ])
}
