import Foundation
import OmnibusTesting
import Testing

@Suite("hires", .serialized) struct HiresTests {
  private func hire(_ number: String, branch: String = "north") -> String {
    #"{"employee_number": "\#(number)", "branch": "\#(branch)"}"#
  }

  @Test("an announcement is answered at once, handed on, and taken once however often it comes")
  func announced() async throws {
    let api = try await CareAPI()
    let care = try await CareOffice(api: api.url)
    for _ in 1...3 { #expect(try await care.announce(hire("4711"), key: "a").status == 202) }
    #expect(try await care.announce(hire("500"), key: "b").status == 202)
    // 500 is refused at the first try, as the planning system is down for a moment.
    #expect(try await eventually { try await api.employees() == ["4711", "500"] })
    #expect(try await api.statistics().byStatus == ["201": 2, "503": 1])
  }

  @Test("one without a key or a number is answered with 400")
  func refused() async throws {
    let care = try await CareOffice(api: "http://127.0.0.1:9")
    #expect(try await care.announce(hire("1"), key: nil).status == 400)
    #expect(try await care.announce(#"{"branch": "north"}"#, key: "a").status == 400)
  }

  @Test("what was announced while the planning system was away, before the engine was killed, arrives afterwards")
  func killed() async throws {
    let port = try FreePort.find()
    let first = try await CareOffice(api: "http://127.0.0.1:\(port)")
    for number in 1...20 { #expect(try await first.announce(hire("\(number)"), key: "\(number)").status == 202) }
    first.program.signal(SIGKILL)
    _ = try await first.program.end()
    let api = try await CareAPI()
    let second = try await CareOffice(api: api.url, folder: first.folder)
    #expect(try await eventually { try await api.employees().count == 20 })
    #expect(try await second.program.stop() == 0)
  }
}
