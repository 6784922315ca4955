import Foundation
import OmnibusTesting
import Testing

/// Python with a client for RabbitMQ.
private let pika = PythonPackages(["pika==1.4.4"])

@Suite(
  "events for partners", .serialized, .timeLimit(.minutes(5)),
  .enabled("skipped: moto or pika cannot be had from PyPI") {
    MotoServer.isAvailable && pika.interpreter != nil
  })
struct EventTests {
  @Test("each change goes once to the queue of its kind and to the exchange, under its kind and action")
  func both() async throws {
    let (aws, api, broker) = (try await MotoServer(), try await CareAPI(), try await RabbitMQServer())
    let care = try await CarePartners(aws: aws, api: api.url, broker: broker.url)
    let listener = Listener(care, broker)
    _ = try await listener.heard()
    #expect(try await care.partner.object("change", "--count", "40", "--prefix", "A") as? [String: Int] == ["202": 40])
    #expect(try await listener.hears(40), "\(care.program.output)")
    for kind in ["client", "service", "visit", "employee"] {
      var events: [[String: Any]] = []
      #expect(
        try await eventually {
          events += try await care.partner.objects("events", "--kind", kind)
          return events.count >= 10
        }, "\(care.program.output)")
      #expect(events.count == 10)
      #expect(Set(events.compactMap { $0["event_id"] as? String }).count == 10)
      #expect(events.allSatisfy { $0["kind"] as? String == kind })
    }
    // The same events again, from one who got no answer.
    #expect(try await care.partner.object("change", "--count", "40", "--prefix", "A") as? [String: Int] == ["202": 40])
    #expect(try await care.program.stop() == 0)
    #expect(try await listener.heard() == [0, 0])
  }

  @Test("an event with health data, of an unknown kind, or from a stranger is refused, and goes nowhere")
  func refused() async throws {
    let (aws, api) = (try await MotoServer(), try await CareAPI())
    let care = try await CarePartners(aws: aws, api: api.url)
    let partner = care.partner
    #expect(try await partner.object("change", "--count", "3", "--fault", "health") as? [String: Int] == ["400": 3])
    #expect(try await partner.object("change", "--count", "3", "--fault", "unknown") as? [String: Int] == ["400": 3])
    #expect(
      try await partner.object("change", "--count", "3", "--login", "partner:no") as? [String: Int] == ["401": 3])
    let login = ["authorization": "Basic \(Data("partner:demonstration".utf8).base64EncodedString())"]
    // Neither beside what an event has, nor within it.
    for (name, value) in [
      ("diagnoses", "I63.9"), ("branch", "north; has I63.9"), ("id", "V1 I63.9"),
      ("changed_at", "2026-05-04T08:15:00Z I63.9"),
    ] {
      var event = [
        "event_id": UUID().uuidString, "kind": "visit", "action": "updated", "id": "V1",
        "changed_at": "2026-05-04T08:15:00Z",
      ]
      event[name] = value
      let document = String(decoding: try JSONEncoder().encode(event), as: UTF8.self)
      let answer = try await HTTP.post("http://\(care.listen)/events", document, headers: login)
      #expect(answer.status == 400, "\(name)")
    }
    let answer = try await HTTP.post(
      "http://\(care.listen)/events", #"{"kind": "client", "diagnoses": ["I63.9"]}"#, headers: login)
    #expect(answer.status == 400)
    let text = String(decoding: answer.body, as: UTF8.self)
    #expect(!text.contains("I63") && !care.program.output.contains("I63"))
    let queues = try await partner.object("queues")
    #expect(queues.filter { $0.key.hasPrefix("events-") }.allSatisfy { $0.value as? Int == 0 })
    // Of a name that comes twice only what was checked goes on.
    let twice =
      #"{"event_id": "6f1c0000-0000-4000-8000-000000000000", "kind": "visit", "action": "updated", "#
      + #""id": "I63.9", "id": "V1", "changed_at": "2026-05-04T08:15:00Z"}"#
    #expect(try await HTTP.post("http://\(care.listen)/events", twice, headers: login).status == 202)
    #expect(try await eventually { try await care.waiting(in: "events-visit") == 1 })
    let kept = try await aws.run(
      """
      import boto3
      sqs = boto3.client("sqs")
      url = sqs.get_queue_url(QueueName="care-events-visit")["QueueUrl"]
      print(sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"])
      """)
    #expect(kept.contains(#""id":"V1""#) && !kept.contains("I63"))
  }

  @Test("while the broker is away the queues go on, and after its restart in the middle nothing is lost")
  func restart() async throws {
    let (aws, api, broker) = (try await MotoServer(), try await CareAPI(), try await RabbitMQServer())
    let care = try await CarePartners(aws: aws, api: api.url, broker: broker.url)
    let listener = Listener(care, broker)
    _ = try await listener.heard()
    let partner = care.partner
    async let posted = partner.object("change", "--count", "300", "--prefix", "R", "--kind", "visit")
    #expect(try await eventually { try await care.waiting(in: "events-visit") ?? 0 > 20 })
    try await broker.stop()
    #expect(try await posted as? [String: Int] == ["202": 300])
    #expect(
      try await eventually { try await care.waiting(in: "events-visit") == 300 },
      "\(care.program.output)")
    try await broker.start()
    #expect(try await listener.hears(300), "\(care.program.output)")
  }
}

/// A queue that is bound to all events.
private struct Listener {
  private let partner: Partner
  private let url: String

  init(_ care: CarePartners, _ broker: RabbitMQServer) {
    partner = care.partner.with(pika.interpreter)
    url = broker.url.replacing("amqp://", with: "amqp://\(RabbitMQServer.user):\(RabbitMQServer.password)@")
  }

  /// How many events there were, and in how many messages, since the last time.
  func heard() async throws -> [Int] {
    let heard = try await partner.object("listen", "--broker", url)
    return [heard["events"] as? Int ?? -1, heard["messages"] as? Int ?? -1]
  }

  /// Whether so many events come.
  func hears(_ count: Int) async throws -> Bool {
    var sum = 0
    // What failed while the broker was away is tried again after up to a minute.
    return try await eventually {
      sum += try await heard()[0]
      return sum >= count
    }
  }
}
