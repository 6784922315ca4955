import Foundation
import OmnibusTesting
import Testing

/// The stand-in for the planning system, as a server of its own.
struct CareAPI {
  /// What it has counted so far.
  struct Statistics: Decodable {
    var requests: Int
    var byStatus: [String: Int]

    enum CodingKeys: String, CodingKey {
      case requests
      case byStatus = "by_status"
    }
  }

  private struct Numbers: Decodable { var numbers: [String] }
  private struct Referrals: Decodable { var ids: [String] }
  private struct Intake: Decodable {
    var clients: [String]

    enum CodingKeys: String, CodingKey { case clients = "external_ids" }
  }

  let program: RunningProgram
  let url: String

  /// Starts it on a port, by default a free one. The intake takes its time, `delay` seconds; of records so many are put as
  /// `holdsAfter` says, and a few that come at the same moment, and others wait for `release`; they outlive it in the file
  /// `state`.
  init(
    password: String = "demonstration", port: UInt16 = 0, delay: Double = 0, holdsAfter: Int? = nil,
    state: String? = nil
  ) async throws {
    let script = Project.file("Tests/EndToEndTests/Support/care_api.py").path
    let program = try RunningProgram(
      "/usr/bin/env",
      [
        "python3", script, "--password", password, "--port", "\(port)", "--delay", "\(delay)", "--until-end-of-input",
      ] + (state.map { ["--state", $0] } ?? []) + (holdsAfter.map { ["--hold-after", "\($0)"] } ?? []))
    let prefix = "listening on "
    let listens = try await eventually { program.output.contains("\n") || !program.isRunning }
    let line = try #require(program.output.split(separator: "\n").first, "the API does not start")
    try #require(listens && line.hasPrefix(prefix), "the API says: \(program.output)")
    self.program = program
    url = String(line.dropFirst(prefix.count))
  }

  /// The numbers of all employees, in order.
  func employees() async throws -> [String] { try await HTTP.get("\(url)/employees", as: Numbers.self).numbers }

  /// The numbers of all records of a kind, in order: employees, clients or visits.
  func numbers(_ kind: String) async throws -> [String] {
    try await HTTP.get("\(url)/\(kind)", as: Numbers.self).numbers
  }

  /// What partners call the clients that came in as referrals, each as often as it is there.
  func intake() async throws -> [String] { try await HTTP.get("\(url)/intake", as: Intake.self).clients }

  /// The ids of all referrals, in order.
  func referrals() async throws -> [String] { try await HTTP.get("\(url)/referrals", as: Referrals.self).ids }

  /// Has it answer so many requests that write with 503.
  func fail(_ requests: Int) async throws { try await post("outage", #"{"requests": \#(requests)}"#) }

  /// Lets it go on with the records that it holds.
  func release() async throws { try await post("release", "{}") }

  private func post(_ path: String, _ body: String) async throws {
    let login = Data("omnibus:demonstration".utf8).base64EncodedString()
    let answer = try await HTTP.post("\(url)/\(path)", body, headers: ["authorization": "Basic \(login)"])
    try #require(answer.status == 200)
  }

  /// How often it answered what.
  func statistics() async throws -> Statistics { try await HTTP.get("\(url)/statistics", as: Statistics.self) }
}
