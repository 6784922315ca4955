public import Omnibus

extension Plugin {
  /// Objects of Amazon S3 and of stores that speak its protocol.
  public static let s3 = Plugin(
    name: "s3", version: "0.1.0",
    components: [
      .source(
        "s3", "Takes the objects that come into a bucket, and moves, tags or deletes them when they are done.",
        S3SourceOptions.self, connection: "aws"
      ) { options, context in try S3Source(options, context) },
      .destination(
        "s3", "Writes the body into an object of a bucket.", S3DestinationOptions.self, answers: false,
        connection: "aws"
      ) { options, context in try S3Destination(options, context) },
    ])
}
