import Foundation
import OmnibusTesting
import Testing

/// `Routes/care/office`, served by the program with a folder and an API of its own.
final class CareOffice: Sendable {
  /// What the generator says of the file that it made.
  struct Expected: Decodable {
    struct Refused: Decodable {
      var line: Int
      var field: String
      var by: String
    }

    var rows: Int
    var good: [String]
    var refused: [Refused]
  }

  let folder: TemporaryDirectory
  let listen: String
  let program: RunningProgram

  /// Starts the program in `folder`, and waits until it takes referrals.
  init(api: String, password: String = "demonstration", folder: TemporaryDirectory = TemporaryDirectory()) async throws
  {
    self.folder = folder
    for name in ["inbound", "outbound", "failed", "referrals"] { folder.write("\(name)/.keep", "") }
    let listen = "127.0.0.1:\(try FreePort.find())"
    self.listen = listen
    let program = try RunningProgram(
      Project.program,
      [
        "run", Project.file("Routes/care/office").path, "--config", Project.file("omnibus.yaml").path,
        "--log-format", "json",
      ],
      environment: [
        "CARE_DATA": folder.path, "CARE_LISTEN": listen, "CARE_API_URL": api,
        "CARE_API_PASSWORD": password,
      ])
    self.program = program
    let isReady = try await eventually { program.output.contains("\"ready\"") || !program.isRunning }
    try #require(isReady && program.isRunning, "the program does not start: \(program.output)")
  }

  /// Drops a generated file into the inbound folder.
  func dropEmployees(rows: Int) async throws -> Expected {
    let script = Project.file("Routes/care/office/tools/make_employees.py").path
    let generator = try RunningProgram(
      "/usr/bin/env",
      [
        "python3", script, "--rows", "\(rows)", "--expect", "\(folder.path)/expected.json",
        "\(folder.path)/inbound/employees.csv",
      ])
    try #require(try await generator.end() == 0, "the generator says: \(generator.output)")
    return try JSONDecoder().decode(Expected.self, from: Data(try #require(folder.read("expected.json"))))
  }

  /// Waits until the file has moved out of the inbound folder, and answers where to.
  func moved() async throws -> String? {
    let places = ["outbound/employees.csv", "failed/employees.csv"]
    var place: String?
    _ = try await eventually {
      place = places.first { folder.read($0) != nil }
      return place != nil || !program.isRunning
    }
    return place
  }

  /// Hands in a referral.
  func refer(_ document: String, type: String = "application/json") async throws -> HTTP.Answer {
    try await HTTP.post("http://\(listen)/referrals", document, type: type)
  }

  /// Announces a new employee.
  func announce(_ document: String, key: String?) async throws -> HTTP.Answer {
    try await HTTP.post(
      "http://\(listen)/hires", document, headers: key.map { ["idempotency-key": $0] } ?? [:])
  }
}
