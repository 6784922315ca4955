import Foundation
import OmnibusTesting
import Testing

@Suite("referrals", .serialized) struct ReferralsTests {
  private static let referral =
    #"{"patient": {"last_name": "Berg", "birth_date": "1941-05-02"}, "branch": "north", "care": "wound care"}"#

  @Test("a good one is handed on, and answered with 202 and its id")
  func accepted() async throws {
    let api = try await CareAPI()
    let care = try await CareOffice(api: api.url)
    let answer = try await care.refer(Self.referral)
    #expect(answer.status == 202)
    #expect(answer.type.hasPrefix("application/json"))
    #expect(answer["status"] as? String == "accepted")
    #expect(try await api.referrals() == [answer["id"] as? String])
    #expect(care.folder.files(in: "referrals").isEmpty)
  }

  @Test("everything that is wrong with one is said at once, with 400")
  func refused() async throws {
    let api = try await CareAPI()
    let care = try await CareOffice(api: api.url)
    let answer = try await care.refer(#"{"patient": {"birth_date": "soon"}, "branch": "moon"}"#)
    #expect(answer.status == 400)
    #expect(answer.type.hasPrefix("application/problem+json"))
    let text = String(decoding: answer.body, as: UTF8.self)
    for field in ["/patient/last_name", "/patient/birth_date", "/branch", "/care"] { #expect(text.contains(field)) }
    #expect(!text.contains("moon") && !text.contains("soon"))
    #expect(try await api.referrals().isEmpty)
  }

  @Test("what is not JSON is answered with 400", arguments: ["", "{", "[1,2", "\u{0}", "{\"a\": 1} x"])
  func malformed(_ document: String) async throws {
    let care = try await CareOffice(api: "http://127.0.0.1:9")
    #expect(try await care.refer(document).status == 400)
  }

  @Test("one that the planning system cannot take now is kept on the disk, and answered with 202")
  func kept() async throws {
    let care = try await CareOffice(api: "http://127.0.0.1:\(try FreePort.find())")
    let answer = try await care.refer(Self.referral)
    #expect(answer.status == 202)
    let id = try #require(answer["id"] as? String)
    let kept = try #require(care.folder.read("referrals/\(id).json"))
    let document = try JSONSerialization.jsonObject(with: Data(kept)) as? [String: Any]
    #expect(document?["care"] as? String == "wound care")
    #expect(document?["id"] as? String == id)
  }

  @Test("the program ends cleanly when it is told to")
  func stops() async throws {
    let care = try await CareOffice(api: "http://127.0.0.1:9")
    #expect(try await care.program.stop() == 0)
  }
}

extension TemporaryDirectory {
  /// The files of a folder within, without hidden ones.
  fileprivate func files(in name: String) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: "\(path)/\(name)").filter { !$0.hasPrefix(".") }) ?? []
  }
}
