import Foundation
import OmnibusTesting
import Testing

@Suite("a schema is a part of the route, against the running program")
struct SchemaReloadTests {
  private let folder = TemporaryDirectory()
  private let port: UInt16

  init() throws { port = try FreePort.find() }

  private var routes: String { "\(folder.path)/Routes" }

  private func start(watch: Bool) async throws -> (program: RunningProgram, url: String) {
    folder.write(
      "omnibus.yaml", "admin: { listen: \"127.0.0.1:0\" }\nwatch: \(watch)\nlog: { format: json }\n")
    folder.write(
      "Routes/clients.yaml",
      """
      routes:
        - id: clients
          from: { rest: { listen: "127.0.0.1:\(port)", method: POST, path: /clients } }
          steps:
            - validate_json: { schema: schemas/client.json }
            - map: { answer: yes }
        - id: others
          from: { rest: { listen: "127.0.0.1:\(port)", method: POST, path: /others } }
          steps: [ { map: { answer: yes } } ]
      """)
    folder.write("Routes/schemas/client.json", ##"{"properties":{"name":{"$ref":"name.json"}}}"##)
    folder.write("Routes/schemas/name.json", ##"{"maxLength":5}"##)
    return try await RunningProgram.serving(routes)
  }

  /// The status that the route answers a client of that name with.
  private func send(_ name: String) async throws -> Int {
    try await HTTP.post("http://127.0.0.1:\(port)/clients", #"{"name":"\#(name)"}"#).status
  }

  private func omnibus(_ arguments: String...) async throws -> (code: Int32?, output: String) {
    let program = try RunningProgram(Project.program, arguments, input: .nothing)
    return (try await program.end(), program.output)
  }

  @Test("a schema that changes, or one that it refers to, is taken at once; a broken one changes nothing and is told")
  func watched() async throws {
    let (program, _) = try await start(watch: true)
    #expect(try await send("Ann") == 200)
    #expect(try await send("Anneliese") == 400)

    folder.write("Routes/schemas/name.json", ##"{"maxLength":20}"##)
    #expect(try await eventually { program.output.contains("\"generation\":\"2\"") })
    #expect(program.output.contains(#""changed":"1""#) && program.output.contains(#""kept":"1""#))
    #expect(try await send("Anneliese") == 200)

    folder.write("Routes/schemas/name.json", "{\n  \"maxLength\": \"5\"\n}")
    #expect(try await eventually { program.output.contains("nothing was changed") })
    #expect(program.output.contains("\(routes)/schemas/name.json:2:16"))
    #expect(program.output.contains("expected an integer"))
    #expect(try await send("Anneliese") == 200)

    try FileManager.default.removeItem(atPath: "\(routes)/schemas/name.json")
    #expect(try await eventually { program.output.contains("no such file or directory") })
    #expect(try await send("Anneliese") == 200)

    folder.write("Routes/schemas/name.json", ##"{"minLength":4}"##)
    #expect(try await eventually { program.output.contains("\"generation\":\"3\"") })
    #expect(try await send("Anneliese") == 200)
    #expect(try await send("Ann") == 400)

    folder.write("Routes/schemas/client.json", ##"{"properties":{"name":{"$ref":"new.json"}}}"##)
    #expect(
      try await eventually { program.output.contains("new.json cannot be read") })
    folder.write("Routes/schemas/new.json", ##"{"const":"Eve"}"##)
    #expect(try await eventually { program.output.contains("\"generation\":\"4\"") })
    #expect(try await send("Eve") == 200)
    #expect(try await program.stop() == 0)
  }

  @Test("a partner is told pointers, rules and places, and neither values nor where files lie")
  func answer() async throws {
    let (program, _) = try await start(watch: false)
    let answer = try await HTTP.post(
      "http://127.0.0.1:\(port)/clients", "{\n \"name\": \"SECRET VALUE\"\n}")
    #expect(answer.status == 400)
    #expect(answer.type == "application/problem+json")
    let text = String(decoding: answer.body, as: UTF8.self)
    #expect(
      text.contains(
        ##"{"detail":"expected at most 5 characters (maxLength, schemas/name.json#/maxLength), at line 2, column 10","pointer":"#/name"}"##
      ))
    #expect(!text.contains("SECRET") && !text.contains(folder.path))
    #expect(!program.output.contains("SECRET"))
    #expect(try await program.stop() == 0)
  }

  @Test("a reload takes schemas as they are, and a rollback those of the generation")
  func commands() async throws {
    let (program, url) = try await start(watch: false)
    folder.write("Routes/schemas/name.json", ##"{"maxLength":20}"##)
    #expect(try await send("Anneliese") == 400)
    let reload = try await omnibus("reload", "--admin", url)
    #expect(reload.code == 0)
    #expect(reload.output.contains("change  clients\n1 route stays as it is"))
    #expect(try await send("Anneliese") == 200)

    folder.write("Routes/schemas/name.json", ##"{"$ref":"#/nowhere"}"##)
    let refused = try await omnibus("reload", "--admin", url)
    #expect(refused.code == 1)
    #expect(refused.output.contains("schemas/name.json:1:9"))
    #expect(refused.output.contains("has nothing at \"/nowhere\""))
    #expect(try await send("Anneliese") == 200)

    // The schema on disk cannot be used, the one of the generation can.
    let rollback = try await omnibus("rollback", "1", "--admin", url)
    #expect(rollback.code == 0, "\(rollback.output)")
    #expect(try await send("Anneliese") == 400)
    #expect(try await send("Ann") == 200)
    #expect(try await omnibus("rollback", "2", "--admin", url).code == 0)
    #expect(try await send("Anneliese") == 200)
    #expect(try await program.stop() == 0)
  }
}
