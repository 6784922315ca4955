import Foundation
import FoundationNetworking
import OmnibusTesting
import Testing

@Suite(
  "intake of referrals", .serialized, .timeLimit(.minutes(5)),
  .enabled("skipped: moto cannot be had from PyPI") { MotoServer.isAvailable })
struct IntakeTests {
  @Test("an encrypted referral becomes a client, and both sides' ids come back, and nothing of it is logged")
  func referrals() async throws {
    let (aws, api) = (try await MotoServer(), try await CareAPI())
    let care = try await CarePartners(aws: aws, api: api.url)
    let sent = try await care.partner.texts("refer", "--count", "20", "--prefix", "A")
    #expect(
      try await eventually { try await api.intake().count == 20 }, "\(care.program.output)")
    let results = try await Results(care.partner, count: 20).all
    #expect(Set(results.compactMap { $0["external_client_id"] as? String }) == Set(sent))
    for result in results {
      #expect(
        Set(result.keys) == ["referral_id", "client_id", "external_client_id", "service_id", "external_service_id"])
      let number = try #require(result["referral_id"] as? String).dropFirst()
      #expect(result["external_client_id"] as? String == "AC\(number)")
      #expect(result["external_service_id"] as? String == "AS\(number)")
    }
    #expect(Set(results.compactMap { $0["client_id"] as? String }).count == 20)
    #expect(try await care.partner.object("queues")["intake-dead"] as? Int == 0)
    #expect(try await care.program.stop() == 0)
    for text in ["Harbour", "Müller", "I63", "\"AC1\""] { #expect(!care.program.output.contains(text)) }
  }

  @Test("a referral may be signed, by the partner or by whom nobody knows")
  func signed() async throws {
    let (aws, api) = (try await MotoServer(), try await CareAPI())
    let care = try await CarePartners(aws: aws, api: api.url)
    try await care.partner("refer", "--count", "2", "--prefix", "P", "--signed", "partner")
    try await care.partner("refer", "--count", "2", "--prefix", "S", "--signed", "stranger")
    #expect(
      try await eventually { try await api.intake() == ["PC1", "PC2", "SC1", "SC2"] }, "\(care.program.output)")
  }

  @Test("the key is served armoured, with a tag, and none of the secret one")
  func key() async throws {
    let (aws, api) = (try await MotoServer(), try await CareAPI())
    let care = try await CarePartners(aws: aws, api: api.url)
    let url = try #require(URL(string: "http://\(care.listen)/api/v1/config/pub_key"))
    let (body, response) = try await URLSession.shared.data(from: url)
    let text = String(decoding: body, as: UTF8.self)
    #expect(text.hasPrefix("-----BEGIN PGP PUBLIC KEY BLOCK-----"))
    #expect(!text.contains("PRIVATE"))
    #expect((response as? HTTPURLResponse)?.value(forHTTPHeaderField: "etag") != nil)
  }

  @Test("what is not encrypted, for another key, incomplete or refused is dead after five times, and the rest goes on")
  func broken() async throws {
    let (aws, api) = (try await MotoServer(), try await CareAPI())
    let care = try await CarePartners(aws: aws, api: api.url)
    for (prefix, fault) in [
      ("P", "plain"), ("F", "foreign"), ("T", "tampered"), ("I", "incomplete"), ("B", "branch"),
    ] {
      try await care.partner("refer", "--count", "1", "--prefix", prefix, "--fault", fault)
    }
    try await care.partner("refer", "--count", "3", "--prefix", "G")
    #expect(try await eventually { try await api.intake() == ["GC1", "GC2", "GC3"] }, "\(care.program.output)")
    #expect(
      try await eventually { try await care.waiting(in: "intake-dead") == 5 },
      "\(care.program.output)")
    #expect(try await care.waiting(in: "intake") == 0)
    #expect(try await api.statistics().byStatus == ["201": 3, "422": 5])
    let kept = try await aws.run(
      """
      import boto3
      sqs = boto3.client("sqs")
      url = sqs.get_queue_url(QueueName="care-intake-dead")["QueueUrl"]
      print(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]["MessageRetentionPeriod"])
      """)
    #expect(kept == "259200\n")
    for text in ["moon", "Harbour"] { #expect(!care.program.output.contains(text)) }
  }

  @Test("when the engine is killed in the middle nothing is lost, and no client is there twice")
  func killed() async throws {
    let (aws, api) = (try await MotoServer(), try await CareAPI(delay: 0.2))
    let first = try await CarePartners(aws: aws, api: api.url)
    let sent = try await first.partner.texts("refer", "--count", "40", "--prefix", "K")
    #expect(try await eventually { try await api.intake().count >= 8 }, "\(first.program.output)")
    first.program.signal(SIGKILL)
    _ = try await first.program.end()
    let second = try await CarePartners(aws: aws, api: api.url, folder: first.folder)
    #expect(
      try await eventually { try await second.waiting(in: "intake") == 0 },
      "\(second.program.output)")
    #expect(try await api.intake() == sent.sorted())
    let results = try await Results(second.partner, distinct: 40).all
    #expect(Set(results.compactMap { $0["external_client_id"] as? String }) == Set(sent))
    #expect(Set(results.compactMap { $0["client_id"] as? String }).count == 40)
    #expect(try await second.waiting(in: "intake-dead") == 0)
  }

  @Test("while the API is down referrals stay in the queue, and become clients afterwards")
  func down() async throws {
    let port = try FreePort.find()
    let aws = try await MotoServer()
    let care = try await CarePartners(aws: aws, api: "http://127.0.0.1:\(port)")
    let sent = try await care.partner.texts("refer", "--count", "10", "--prefix", "D")
    #expect(try await eventually { care.program.output.contains("unavailable") }, "\(care.program.output)")
    let api = try await CareAPI(port: port)
    #expect(
      try await eventually { try await api.intake() == sent.sorted() }, "\(care.program.output)")
    #expect(try await care.waiting(in: "intake-dead") == 0)
  }
}

/// What the provider has put on the outbound queue.
private struct Results {
  private(set) var all: [[String: Any]] = []

  /// Takes them until there are `count`, or `distinct` clients among them.
  init(_ partner: Partner, count: Int = 0, distinct: Int = 0) async throws {
    let deadline = ContinuousClock.now + .seconds(120)
    while ContinuousClock.now < deadline {
      all += try await partner.objects("results")
      let clients = Set(all.compactMap { $0["external_client_id"] as? String })
      if all.count >= count, clients.count >= distinct { return }
    }
  }
}
