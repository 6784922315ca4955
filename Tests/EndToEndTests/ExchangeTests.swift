import Foundation
import OmnibusTesting
import Testing

@Suite(
  "exchange of flat files", .serialized, .timeLimit(.minutes(5)),
  .enabled("skipped: moto cannot be had from PyPI") { MotoServer.isAvailable })
struct ExchangeTests {
  @Test(
    "an encrypted file is put record by record, moves, and what is wrong stands beside it by line, field and reason")
  func clients() async throws {
    let (aws, api) = (try await MotoServer(), try await CareAPI())
    let care = try await CarePartners(aws: aws, api: api.url)
    try await care.partner("drop", "--kind", "client", "--count", "200", "--broken", "4", "--name", "clients-may")
    #expect(try await moved(care, "outbound/clients-may.csv.gpg"), "\(care.program.output)")
    #expect(try await api.numbers("clients").count == 196)
    let lines = try await care.lines(of: "outbound/clients-may.csv.gpg.errors.csv")
    #expect(
      lines.map {
        $0.split(separator: ",", maxSplits: 2, omittingEmptySubsequences: false).prefix(2).joined(separator: ",")
      } == [
        "line,fields", "2,birth_date", "52,", "102,birth_date", "152,",
      ])
    #expect(!lines.joined().contains("moon") && !lines.joined().contains("soon"))
    #expect(
      try await care.partner.texts("objects").sorted() == [
        "outbound/clients-may.csv.gpg", "outbound/clients-may.csv.gpg.errors.csv",
      ])
  }

  @Test("while the API fails, and then is gone, in the middle of a file, nothing is lost, doubled or taken for refused")
  func outage() async throws {
    let (port, folder, aws) = (try FreePort.find(), TemporaryDirectory(), try await MotoServer())
    let state = "\(folder.path)/records.json"
    var api: CareAPI? = try await CareAPI(port: port, holdsAfter: 60, state: state)
    let care = try await CarePartners(aws: aws, api: "http://127.0.0.1:\(port)")
    try await care.partner("drop", "--kind", "client", "--count", "300", "--broken", "4")
    #expect(try await arrive(api, "clients"), "\(care.program.output)")
    try await api?.fail(60)
    try await api?.release()
    #expect(try await eventually { try await api?.statistics().byStatus["503"] ?? 0 > 5 })
    let doubled = try await api?.statistics().byStatus["200"] ?? 0
    #expect(try await api?.program.stop() != nil)
    api = nil
    #expect(
      try await eventually(within: .seconds(120)) { care.program.output.contains("could not connect") },
      "\(care.program.output)")
    #expect(try await care.partner.texts("objects") == ["inbound/clients.csv.gpg"])
    let back = try await CareAPI(port: port, state: state)
    #expect(try await moved(care, "outbound/clients.csv.gpg"), "\(care.program.output)")
    #expect(try await back.numbers("clients").count == 296)
    // Those that were under way when the API went away may have been put without an answer.
    #expect(try await doubled + (back.statistics().byStatus["200"] ?? 0) <= 8)
    let lines = try await care.lines(of: "outbound/clients.csv.gpg.errors.csv")
    #expect(
      lines.map { $0.split(separator: ",", omittingEmptySubsequences: false).prefix(2).joined(separator: ",") } == [
        "line,fields", "2,birth_date", "77,", "152,birth_date", "227,",
      ])
  }

  @Test("an engine that is killed in the middle of a file goes on with it, and puts none again that was put")
  func killed() async throws {
    let (aws, api) = (try await MotoServer(), try await CareAPI(holdsAfter: 60))
    let first = try await CarePartners(aws: aws, api: api.url)
    try await first.partner("drop", "--kind", "visit", "--count", "300")
    #expect(try await arrive(api, "visits"), "\(first.program.output)")
    first.program.signal(SIGKILL)
    _ = try await first.program.end()
    try await api.release()
    #expect(try await first.partner.texts("objects") == ["inbound/visits.csv.gpg"])
    let second = try await CarePartners(aws: aws, api: api.url, folder: first.folder)
    #expect(try await moved(second, "outbound/visits.csv.gpg"), "\(second.program.output)")
    #expect(try await api.numbers("visits").count == 300)
    // Those under way at that moment, which nobody knows of.
    #expect(try await api.statistics().byStatus["200"] ?? 0 <= 8)
    #expect(try await second.partner.texts("objects") == ["outbound/visits.csv.gpg"])
  }

  @Test("each layout has a route", arguments: ["employee", "visit"])
  func layouts(_ kind: String) async throws {
    let (aws, api) = (try await MotoServer(), try await CareAPI())
    let care = try await CarePartners(aws: aws, api: api.url)
    try await care.partner("drop", "--kind", kind, "--count", "30")
    #expect(try await moved(care, "outbound/\(kind)s.csv.gpg"), "\(care.program.output)")
    #expect(try await api.numbers("\(kind)s").count == 30)
    #expect(try await care.partner.texts("objects") == ["outbound/\(kind)s.csv.gpg"])
  }

  @Test("a file in a layout of the partner's own becomes clients")
  func legacy() async throws {
    let (aws, api) = (try await MotoServer(), try await CareAPI())
    let care = try await CarePartners(aws: aws, api: api.url)
    try await care.partner("drop", "--kind", "legacy", "--count", "25", "--name", "legacy-may")
    #expect(try await moved(care, "outbound/legacy-may.txt.gpg"), "\(care.program.output)")
    #expect(try await api.numbers("clients").count == 25)
    #expect(try await api.numbers("clients").first == "L1")
  }

  @Test("a file may be signed, by the partner or by whom nobody knows", arguments: ["partner", "stranger"])
  func signed(by signer: String) async throws {
    let (aws, api) = (try await MotoServer(), try await CareAPI())
    let care = try await CarePartners(aws: aws, api: api.url)
    try await care.partner("drop", "--kind", "client", "--count", "3", "--signed", signer)
    #expect(try await moved(care, "outbound/clients.csv.gpg"), "\(care.program.output)")
    #expect(try await api.numbers("clients").count == 3)
  }

  @Test(
    "a file for another key, or one that was changed, moves to the failed ones, and nothing of it is put",
    arguments: ["foreign", "tampered"])
  func refused(_ fault: String) async throws {
    let (aws, api) = (try await MotoServer(), try await CareAPI())
    let care = try await CarePartners(aws: aws, api: api.url)
    try await care.partner("drop", "--kind", "client", "--fault", fault)
    #expect(try await moved(care, "failed/clients.csv.gpg"), "\(care.program.output)")
    #expect(try await api.statistics().requests == 0)
  }

  @Test("an export is signed, and encrypted for the partner, and holds what came in")
  func export() async throws {
    let (aws, api) = (try await MotoServer(), try await CareAPI())
    let care = try await CarePartners(aws: aws, api: api.url)
    try await care.partner("drop", "--kind", "client", "--count", "12")
    #expect(try await moved(care, "outbound/clients.csv.gpg"), "\(care.program.output)")
    let answer = try await care.partner.object("export")
    #expect(answer["status"] as? Int == 200, "\(care.program.output)")
    #expect(answer["clients"] as? Int == 12)
    let export = try await care.partner.object("fetch", "--key", try #require(answer["key"] as? String))
    #expect(export["signed"] as? Bool == true)
    let lines = try #require(export["text"] as? String).split(whereSeparator: \.isNewline)
    #expect(lines.first == "client_number,last_name,first_name,birth_date,branch,street,postal_code,city,phone")
    #expect(lines.count == 13)
    #expect(lines.dropFirst().allSatisfy { $0.contains(",1941-05-02,") })
    #expect(try await care.partner.object("export", "--login", "partner:wrong")["status"] as? Int == 401)
  }

  @Test("exports come by themselves at their times")
  func nightly() async throws {
    let (aws, api) = (try await MotoServer(), try await CareAPI())
    let care = try await CarePartners(aws: aws, api: api.url, settings: ["CARE_EXPORT_TIMES": "* * * * *"])
    #expect(
      try await eventually(within: .seconds(180)) {
        try await care.partner.texts("objects").contains { $0.hasPrefix("outbound/exports/clients-") }
      }, "\(care.program.output)")
  }

  /// Whether as many records come as the API takes before it holds others.
  private func arrive(_ api: CareAPI?, _ kind: String) async throws -> Bool {
    try await eventually(within: .seconds(120)) { try await api?.numbers(kind).count ?? 0 >= 60 }
  }

  /// Each look at the bucket is a program that starts, and an object that failed is left alone for longer each time.
  private func moved(_ care: CarePartners, _ key: String) async throws -> Bool {
    try await eventually(within: .seconds(180)) {
      try await care.partner.texts("objects").contains(key) || !care.program.isRunning
    }
  }
}
