import Foundation
import OmnibusTesting
import Testing

@Suite("visits in fixed width", .serialized) struct VisitsTests {
  private static let sample = "Routes/care/office/samples/north.visits"

  @Test("each employee goes to payroll in its layout, and one with a bad line into the error file")
  func visits() async throws {
    let api = try await CareAPI()
    let care = try await CareOffice(api: api.url)
    let input = try Data(contentsOf: Project.file(Self.sample))
    care.folder.write("inbound/north.visits", Array(input))
    #expect(try await moved(care, "north.visits") == "outbound/north.visits", "\(care.program.output)")
    let payroll = try #require(care.folder.read("outbound/north.payroll"))
    let expected = """
      1000000017Müller              
      2030.05.202400045    1,2
      2030.05.202400120    0,0
      1000000023O'Brien             
      2030.05.202400030    0,5
      1000000040Nowak               

      """
    #expect(String(data: Data(payroll), encoding: .isoLatin1) == expected)
    #expect(
      care.folder.text("outbound/north.errors.csv")
        == "7,record 4 at line 7: column 14 (minutes) of line 8 is not a whole number\r\n")
  }

  @Test("a file that was cut off moves to the failed ones")
  func cutOff() async throws {
    let api = try await CareAPI()
    let care = try await CareOffice(api: api.url)
    let input = try Data(contentsOf: Project.file(Self.sample))
    care.folder.write("inbound/north.visits", Array(input.dropLast(23)))
    #expect(try await moved(care, "north.visits") == "failed/north.visits", "\(care.program.output)")
    #expect(care.program.output.contains("the file ends with 0 records of type trailer"))
  }

  private func moved(_ care: CareOffice, _ name: String) async throws -> String? {
    var place: String?
    _ = try await eventually {
      place = ["outbound/\(name)", "failed/\(name)"].first { care.folder.read($0) != nil }
      return place != nil || !care.program.isRunning
    }
    return place
  }
}
