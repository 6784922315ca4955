import Foundation
import OmnibusTesting
import Testing

@Suite("employee files", .serialized) struct EmployeesTests {
  @Test("every good record is sent once, every other stands in the error file with line, field and reason")
  func employees() async throws {
    let api = try await CareAPI()
    let care = try await CareOffice(api: api.url)
    let expected = try await care.dropEmployees(rows: 3000)
    let input = try #require(care.folder.read("inbound/employees.csv"))
    #expect(try await care.moved() == "outbound/employees.csv", "\(care.program.output)")
    #expect(care.folder.read("outbound/employees.csv") == input)

    #expect(try await api.employees() == expected.good.sorted())
    let statistics = try await api.statistics()
    #expect(statistics.byStatus["201"] == expected.good.count)
    #expect(statistics.byStatus["422"] == expected.refused.count { $0.by == "api" })
    #expect(statistics.byStatus["503"] == expected.good.count { Int($0).map { $0 % 500 == 0 } ?? false })

    let errors = try #require(care.folder.text("outbound/employees.errors.csv")).split(whereSeparator: \.isNewline)
    #expect(errors.first == "line,field,reason")
    let rows = errors.dropFirst().map { $0.split(separator: ",", maxSplits: 2, omittingEmptySubsequences: false) }
    #expect(rows.allSatisfy { $0.count == 3 && !$0[2].isEmpty })
    let refused = Set(rows.map { "\($0[0]) \($0[1])" })
    #expect(refused == Set(expected.refused.map { "\($0.line) \($0.by == "api" ? "" : $0.field)" }))
    #expect(rows.count == expected.refused.count)
  }

  @Test("a record becomes JSON with nested objects, exact numbers and null for what is empty")
  func contents() async throws {
    let api = try await CareAPI()
    let care = try await CareOffice(api: api.url)
    let header = "employee_number,last_name,first_name,birth_date,hired_on,branch,role,weekly_hours,email,phone,note"
    care.folder.write(
      "inbound/employees.csv",
      "\u{FEFF}\(header)\r\n77,\"O'Brien, jr.\",Zoë,,2020-02-29,north,nurse,38.50,z@care.example,,\"two\r\nlines\"\r\n"
    )
    #expect(try await care.moved() == "outbound/employees.csv", "\(care.program.output)")
    let employee = try await HTTP.get("\(api.url)/employees/77", as: Employee.self)
    #expect(employee.name == ["family": "O'Brien, jr.", "given": "Zoë"])
    #expect(employee.birthDate == nil)
    #expect(employee.employed.since.hasPrefix("2020-02-29"))
    #expect(employee.employed.weeklyHours == 38.5)
    #expect(care.folder.read("outbound/employees.errors.csv") == nil)
  }

  @Test("wrong credentials fail the file, which moves to the failed ones")
  func credentials() async throws {
    let api = try await CareAPI(password: "another")
    let care = try await CareOffice(api: api.url)
    _ = try await care.dropEmployees(rows: 20)
    #expect(try await care.moved() == "failed/employees.csv", "\(care.program.output)")
    #expect(try await api.employees().isEmpty)
    #expect(care.program.output.contains("unauthorized"))
  }

  @Test("nothing that a record holds is logged")
  func log() async throws {
    let api = try await CareAPI()
    let care = try await CareOffice(api: api.url)
    let expected = try await care.dropEmployees(rows: 600)
    #expect(try await care.moved() != nil)
    #expect(try await care.program.stop() == 0)
    for text in ["Müller", "Fischer", "care.example", expected.good[0]] {
      #expect(!care.program.output.contains(text))
    }
  }
}

private struct Employee: Decodable {
  struct Employed: Decodable {
    var since: String
    var weeklyHours: Double

    enum CodingKeys: String, CodingKey {
      case since
      case weeklyHours = "weekly_hours"
    }
  }

  var name: [String: String]
  var birthDate: String?
  var employed: Employed

  enum CodingKeys: String, CodingKey {
    case name, employed
    case birthDate = "birth_date"
  }
}
