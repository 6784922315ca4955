import Omnibus
import OmnibusTesting
import Testing

@testable import S3Plugin

@Suite("s3, told by a queue", .enabled("skipped: moto cannot be had from PyPI") { MotoServer.isAvailable })
struct NotificationTests {
  private static let prelude = """
    import boto3, json
    s3, sqs = boto3.client("s3"), boto3.client("sqs")
    url = sqs.create_queue(QueueName="events", Attributes={"VisibilityTimeout": "2"})["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    """
  private static let create = """
    s3.create_bucket(Bucket="care", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    s3.put_bucket_notification_configuration(Bucket="care", NotificationConfiguration={"QueueConfigurations":
        [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]})

    """
  private static let left = """

    counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages",
        "ApproximateNumberOfMessagesNotVisible"])["Attributes"]
    print(sum(int(count) for count in counts.values()),
          " ".join(o["Key"] for o in s3.list_objects_v2(Bucket="care").get("Contents", [])))
    """
  private let told: [String: Configuration] = ["notifications": ["queue": "events", "wait": "1s"]]

  @Test("objects that a queue tells of are taken once, with odd keys, and events of others are passed over")
  func taken() async throws {
    let moto = try await MotoServer()
    _ = try await moto.run(
      Self.prelude + Self.create + """
        for key in ["in/a b.csv", "in/a+b.csv", "in/é.csv", "in/other.xml", "elsewhere/a.csv"]:
            s3.put_object(Bucket="care", Key=key, Body=key.encode())
        event = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=1, VisibilityTimeout=0)["Messages"][0]["Body"]
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps({"Type": "Notification", "Message": event}))
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps({"Event": "s3:TestEvent"}))
        """)
    let keys = Recorder<String>()
    var options = told
    options["suffix"] = ".csv"
    options["max_in_flight"] = 4
    let source = try await MotoPeer(moto).source("in/", ["move": "out/"], options) {
      keys.append($0.headers["s3-key"] ?? "")
    }
    // What is moved makes an event, too.
    let isEmpty = try await eventually {
      try await moto.run(Self.prelude + Self.left)
        == "0 elsewhere/a.csv in/other.xml out/a b.csv out/a+b.csv out/é.csv\n"
    }
    #expect(isEmpty)
    source.stop.signal()
    try await source.task.value
    #expect(keys.all.sorted() == ["in/a b.csv", "in/a+b.csv", "in/é.csv"])
  }

  @Test("an object whose message failed comes again with the event, and may stay where it is when it is done")
  func again() async throws {
    let moto = try await MotoServer()
    _ = try await moto.run(
      Self.prelude + Self.create + """
        s3.put_object(Bucket="care", Key="in/a", Body=b"1")
        sqs.send_message(QueueUrl=url, MessageBody="no event")
        """)
    let count = Recorder<Int>()
    let source = try await MotoPeer(moto).source("in/", "leave", told) { _ in
      count.append(1)
      if count.all.count == 1 { throw Failure(.unavailable, "not now") }
    }
    #expect(try await source.settles { count.all.count == 2 })
    // The event is gone, what is none stays for whoever looks after the queue.
    #expect(try await eventually { try await moto.run(Self.prelude + Self.left) == "1 in/a\n" })
    source.stop.signal()
    try await source.task.value
    // Its time is that of the system, which on a busy one may be over before the source has said that it goes on.
    let logged = Set(source.log.lines.all.map(\.message)).subtracting(["a message can come again while it is worked on"]
    )
    #expect(logged == ["a message of the queue is no event of S3, and is left", "an object failed"])
  }

  @Test("a queue that is not there keeps a source from starting")
  func missing() async throws {
    let moto = try await MotoServer()
    let failure = await #expect(throws: Failure.self) {
      _ = try await MotoPeer(moto).source("in/", "delete", ["notifications": ["queue": "none"]]) { _ in }
    }
    #expect(failure?.reason.hasPrefix("cannot find the queue none: sqs answered") == true)
  }
}
