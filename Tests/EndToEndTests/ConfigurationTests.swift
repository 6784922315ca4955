import Foundation
import OmnibusTesting
import Testing

@Suite("omnibus.yaml and the program")
struct ConfigurationTests {
  let folder = TemporaryDirectory()

  private var routes: String { "\(folder.path)/Routes" }

  private func run(
    _ arguments: String..., environment: [String: String] = [:]
  ) async throws -> (code: Int32?, output: String) {
    let program = try RunningProgram(Project.program, arguments, environment: environment)
    let code = try await program.end()
    var output = program.output
    _ = try await eventually(within: .milliseconds(200)) {
      defer { output = program.output }
      return !output.isEmpty && output == program.output
    }
    return (code, output)
  }

  private func writeRoute(port: UInt16) {
    folder.write(
      "Routes/a.yaml",
      """
      routes:
        - id: a
          from: { rest: { listen: "127.0.0.1:\(port)", path: /a } }
          steps: [ { log: { level: debug, message: a body came } } ]
      """)
  }

  @Test("config prints what holds and where it was written: default, file, profile, command line")
  func effective() async throws {
    folder.write(
      "omnibus.yaml", "grace: 1s\nlog: { level: \"${env:LEVEL}\" }\nplugins: [ { library: \"${env:LEVEL}.so\" } ]\n")
    folder.write("omnibus.production.yaml", "limits:\n  http: { max_body: 1MiB }\n")
    let (code, output) = try await run(
      "config", routes, "--profile", "production", "--grace", "2s", environment: ["LEVEL": "debug"])
    #expect(code == 0)
    let lines = output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
    #expect(lines.contains("grace: 2s # --grace"))
    #expect(lines.contains("level: debug # \(folder.path)/omnibus.yaml:2:15"))
    #expect(lines.contains("max_body: 1MiB # \(folder.path)/omnibus.production.yaml:2:21"))
    #expect(lines.contains("watch: true # default"))
    #expect(lines.contains("# reactors: one for each processor # default"))
    #expect(output.contains("library: \"${env:LEVEL}.so\""))
  }

  @Test("the configuration that is packed keeps data where the service may write, and the command line says elsewhere")
  func packaged() async throws {
    let unit = try String(contentsOf: Project.file("Packaging/systemd/omnibus.service"), encoding: .utf8)
    let state = try #require(unit.split(separator: "\n").first { $0.hasPrefix("StateDirectory=") }?.dropFirst(15))
    let image = try String(contentsOf: Project.file("Packaging/Containerfile"), encoding: .utf8)
    #expect(image.contains("\nVOLUME /var/lib/\(state)\n"))
    let packed = Project.file("Packaging/etc/routes").path
    #expect(try await run("config", packed).output.contains("directory: /var/lib/\(state)/data "))
    let other = try await run("config", packed, "--data-directory", folder.path).output
    #expect(other.contains("directory: \(folder.path)") && other.contains("# --data-directory"))
  }

  @Test("what config prints is a configuration that says the same")
  func roundTrip() async throws {
    folder.write("omnibus.yaml", "reactors: 3\nplugins: [ a.so, { library: \"b c.so\", optional: true } ]\n")
    let first = try await run("config", routes)
    folder.write("omnibus.yaml", first.output)
    let second = try await run("config", routes)
    #expect(second.code == 0)
    let values = [first, second].map { result in
      result.output.split(separator: "\n").map { $0.split(separator: " # ")[0].trimmingCharacters(in: .whitespaces) }
    }
    #expect(values[0] == values[1])
  }

  @Test("config writes JSON for tools")
  func json() async throws {
    folder.write("omnibus.yaml", "reactors: 2\n")
    let (code, output) = try await run("config", routes, "--format", "json", "--no-watch")
    #expect(code == 0)
    let report = try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
    let settings = try #require(report["settings"] as? [[String: Any]])
    let byKey = Dictionary(uniqueKeysWithValues: settings.map { ($0["key"] as? String ?? "", $0) })
    #expect(byKey["reactors"]?["value"] as? Int == 2)
    #expect(byKey["reactors"]?["line"] as? Int == 1)
    #expect(byKey["watch"]?["option"] as? String == "--no-watch")
    #expect(byKey["grace"]?["from"] as? String == "default")
  }

  @Test("the profile may come from the environment, and one that is not there stops the program")
  func profileOfEnvironment() async throws {
    folder.write("omnibus.staging.yaml", "grace: 9s\n")
    let (_, output) = try await run("config", routes, environment: ["OMNIBUS_PROFILE": "staging"])
    #expect(output.contains("omnibus.staging.yaml:1:8"))
    writeRoute(port: try FreePort.find())
    let missing = try await run("run", routes, "--profile", "stagin", "--log-format", "text")
    #expect(missing.code == 1)
    #expect(missing.output.contains("error[unknown-profile]: there is no profile \"stagin\": no file"))
    #expect(missing.output.contains("did you mean \"staging\"?"))
  }

  @Test("check covers the configuration beside the routes, and counts its files")
  func check() async throws {
    writeRoute(port: try FreePort.find())
    folder.write("omnibus.yaml", "limits: { http: { header_byts: 1KiB } }\n")
    folder.write("omnibus.production.yaml", "log: { level: loud }\n")
    let (code, output) = try await run("check", routes)
    #expect(code == 1)
    #expect(output.contains("omnibus.yaml:1:19: error[unknown-option]"))
    #expect(output.contains("did you mean \"header_bytes\"?"))
    #expect(output.contains("omnibus.production.yaml:1:15: error[mistyped-option]"))
    #expect(output.contains("3 files checked, 2 problems"))
  }

  @Test("limits of the file hold for listeners")
  func limits() async throws {
    let port = try FreePort.find()
    writeRoute(port: port)
    folder.write("omnibus.yaml", "limits: { http: { max_body: 8B, header_bytes: 1KiB } }\nlog: { format: json }\n")
    let program = try RunningProgram(Project.program, ["run", routes])
    #expect(try await eventually { program.output.contains("\"message\":\"ready\"") })
    #expect(try await HTTP.post("http://127.0.0.1:\(port)/a", "{}").status == 200)
    #expect(try await HTTP.post("http://127.0.0.1:\(port)/a", "{\"a\": 12345}").status == 413)
    let long = "application/json;a=" + String(repeating: "b", count: 2000)
    #expect(try await HTTP.post("http://127.0.0.1:\(port)/a", "{}", type: long).status == 431)
    #expect(try await program.stop() == 0)
  }

  @Test("a changed level holds at once, another change needs a restart, and a mistake changes nothing")
  func reload() async throws {
    let port = try FreePort.find()
    writeRoute(port: port)
    let program = try RunningProgram(Project.program, ["run", routes, "--log-format", "json"])
    #expect(try await eventually { program.output.contains("\"message\":\"ready\"") })
    let url = "http://127.0.0.1:\(port)/a"
    #expect(try await HTTP.post(url, "{}").status == 200)
    #expect(!program.output.contains("a body came"))

    folder.write("omnibus.yaml", "log: { level: debug }\nreactors: 1\n")
    #expect(try await eventually { program.output.contains("\"message\":\"a setting needs a restart\"") })
    #expect(
      program.output.contains("\"message\":\"a setting is applied\",\"place\":\"\(folder.path)/omnibus.yaml:1:15\""))
    #expect(program.output.contains("\"setting\":\"reactors\""))
    #expect(try await HTTP.post(url, "{}").status == 200)
    #expect(try await eventually { program.output.contains("a body came") })

    folder.write("omnibus.yaml", "log: { level: error }\ngrace: soon\n")
    #expect(try await eventually { program.output.contains("nothing was changed") })
    #expect(program.output.contains("\"code\":\"bad-duration\""))
    // The level is not that of the file with the mistake.
    let count = program.output.components(separatedBy: "a body came").count
    #expect(try await HTTP.post(url, "{}").status == 200)
    #expect(try await eventually { program.output.components(separatedBy: "a body came").count > count })
    #expect(try await program.stop() == 0)
  }
}
