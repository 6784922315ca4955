import Omnibus
import OmnibusAWS
import OmnibusReactor
import OmnibusTesting
import Synchronization
import Testing

@testable import SQSPlugin

/// Against the stand-in for AWS, which checks signatures.
@Suite("sqs, with moto", .enabled("skipped: moto cannot be had from PyPI") { MotoServer.isAvailable })
struct MotoTests {
  private let clock = SystemClock(reactors: Context.testing().reactors)
  private let folder = TemporaryDirectory()

  private func options(_ server: MotoServer, _ queue: String, _ more: [(String, Configuration)]) -> Configuration {
    folder.write("secret", server.secretKey)
    return Configuration(
      entries: [
        ("queue", Configuration(stringLiteral: queue)), ("region", "eu-central-1"), ("endpoint", "\(server.url)"),
        ("access_key", "\(server.accessKey)"), ("secret_key", "${file:\(folder.path)/secret}"),
      ] + more)
  }

  @Test(
    "what is sent is received with all that belongs to it, and what fails too often ends in the dead-letter queue",
    arguments: ["orders", "orders.fifo"])
  func roundTrip(queue: String) async throws {
    let server = try await MotoServer(checksSignatures: true)
    let letters = "\(QueueName.deadLetters(of: queue))"
    let create: Configuration = [
      "max_receives": 2, "visibility_timeout": "20s", "dead_letter_queue": Configuration(stringLiteral: letters),
    ]
    let more: [(String, Configuration)] = [("create", create)]
    let context = Context.testing(step: "send", clock: clock)
    let made = try ComponentLoader([.sqs], context: context).make(
      .destination, "sqs",
      options(
        server, queue,
        more + [("attributes", ["kind": "${ headers.kind }"])]
          + (queue == "orders.fifo" ? [("group", "${ headers.kind }")] : [])))
    guard case .step(let step) = made else { throw Failure(.internal, "expected a destination") }
    let bodies: [[UInt8]] =
      (0..<23).map { Array("{\"number\":\($0),\"text\":\"Grüße \\u0001\"}".utf8) } + [Array(0...255), []]
    try await withThrowingDiscardingTaskGroup { group in
      for (number, body) in bodies.enumerated() {
        group.addTask {
          var message = Message(
            headers: ["kind": number == 7 ? "poison" : "good", "content-type": "application/json"], body: .bytes(body))
          _ = try await step.process(&message, context)
        }
      }
    }
    let source = try await RunningSource(
      options(server, queue, [("backoff", ["initial": "1s", "max": "1s"])]), clock: clock
    ) { message in
      if message.headers["kind"] == "poison" { throw Failure(.invalid, "it is poison") }
    }
    let came = try await eventually(within: .seconds(60)) {
      let poison = source.arrivals.all.filter { $0.headers["kind"] == "poison" }.count
      return source.arrivals.all.count - poison == 24 && poison == 2
    }
    #expect(came, "\(source.arrivals.all.count) came")
    #expect(source.log.lines.all.filter { $0.message != "a message of the queue failed" }.isEmpty)
    let script = """
      import boto3, json, time
      sqs = boto3.client("sqs")
      name = "\(letters)"
      url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
      found = []
      end = time.time() + 60
      while not found and time.time() < end:
          found += sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1, MessageAttributeNames=["All"]).get("Messages", [])
      print([m["MessageAttributes"]["kind"]["StringValue"] for m in found])
      attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
      print(attributes["MessageRetentionPeriod"])
      url = sqs.get_queue_url(QueueName="\(queue)")["QueueUrl"]
      attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
      print(attributes["ApproximateNumberOfMessages"], attributes["ApproximateNumberOfMessagesNotVisible"])
      """
    #expect(try await server.run(script) == "['poison']\n259200\n0 0\n")
    var got: Set<[UInt8]> = []
    for message in source.arrivals.all where message.headers["kind"] == "good" { got.insert(try message.bodyBytes()) }
    var expected = Set(bodies)
    expected.remove(bodies[7])
    #expect(got == expected)
    #expect(source.arrivals.all.allSatisfy { $0.contentType == "application/json" })
    try await source.end()
    try await server.stop()
  }

  @Test("a wrong secret is refused before the routes are applied")
  func wrongSecret() async throws {
    let server = try await MotoServer(checksSignatures: true)
    let options: Configuration = [
      "queue": "orders", "create": [:], "region": "eu-central-1", "endpoint": "\(server.url)",
      "access_key": "\(server.accessKey)", "secret_key": "${env:HOME}",
    ]
    let failure = await #expect(throws: Failure.self) { try await RunningSource(options, clock: clock) }
    #expect(failure?.kind == .unauthorized)
    #expect(failure?.reason.contains("SignatureDoesNotMatch") == true)
  }
}
