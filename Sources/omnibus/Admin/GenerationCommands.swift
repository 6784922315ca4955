internal import ArgumentParser
internal import Glibc
internal import Omnibus
internal import OmnibusEngine

/// `omnibus reload`: applies the files as they are.
struct ReloadCommand: AdminCommand {
  static let configuration = CommandConfiguration(
    commandName: "reload", abstract: "Let the running engine take over its files as they are.",
    discussion: "A mistake in them changes nothing, and is printed; the exit code is 1 then.")

  @OptionGroup var arguments: AdminArguments

  func ask(_ client: AdminClient) async throws -> Value { try await client.post("/reload", timeout: .seconds(3700)) }

  func text(_ answer: Value) -> String {
    "generation \(answer.member("generation")?.shown ?? "")\n" + AppliedText.text(answer)
  }
}

/// `omnibus plan`: what a reload would change.
struct PlanCommand: AdminCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Show what a reload of the running engine would change.",
    discussion: """
      Without a folder, the files are those that the engine has; with one, they are sent to it, at most 16 MiB. Nothing \
      is touched. A mistake in the files is printed, and the exit code is 1.
      """)

  @Argument(
    help: ArgumentHelp("The folder of routes, or one file; that of the engine unless given.", valueName: "routes"))
  var path: String?
  @OptionGroup var arguments: AdminArguments

  func ask(_ client: AdminClient) async throws -> Value {
    guard let path else { return try await client.post("/plan") }
    let read = RouteFiles(reading: path)
    guard read.problems.isEmpty else {
      let renderer = DiagnosticRenderer(files: read, colour: Terminal.usesColour(STDERR_FILENO))
      for problem in read.problems { Terminal.write(renderer.render(problem), to: STDERR_FILENO) }
      throw AdminClient.refused
    }
    let files = read.files.map { file in
      Value.map(
        ValueMap([
          ("path", .string(Self.name(of: file.path, in: read.folder))),
          ("text", .string(String(decoding: file.bytes, as: UTF8.self))),
        ]))
    }
    return try await client.post("/plan", [("files", .list(files))])
  }

  func text(_ answer: Value) -> String { AppliedText.text(answer) }

  /// The path within the folder of routes; of a single file its name.
  private static func name(of path: String, in folder: String?) -> String {
    guard let folder else { return path.split(separator: "/").last.map(String.init) ?? path }
    return String(path.dropFirst(folder.hasSuffix("/") ? folder.count : folder.count + 1))
  }
}

/// `omnibus rollback`: an earlier generation again.
struct RollbackCommand: AdminCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback", abstract: "Let the running engine apply an earlier generation of its routes again.",
    discussion: "The files are left alone; when they change, or at a reload, they apply again.")

  @Argument(help: "The number of the generation; the one before unless given.") var generation: Int?
  @OptionGroup var arguments: AdminArguments

  func ask(_ client: AdminClient) async throws -> Value {
    try await client.post(
      "/rollback", [("generation", generation.map { .int(Int64($0)) })], timeout: .seconds(3700))
  }

  func text(_ answer: Value) -> String {
    "generation \(answer.member("generation")?.shown ?? "")\n" + AppliedText.text(answer)
  }
}

/// `omnibus generations`: what can be rolled back to.
struct GenerationsCommand: AdminCommand {
  static let configuration = CommandConfiguration(
    commandName: "generations", abstract: "Show the generations of routes that the running engine keeps.")

  @OptionGroup var arguments: AdminArguments

  func ask(_ client: AdminClient) async throws -> Value { try await client.get("/generations") }

  func text(_ answer: Value) -> String {
    var table = TextTable(["generation", "applied", "reason", "routes"])
    for generation in answer.member("generations")?.items ?? [] {
      let count = generation.member("routes")?.items.count ?? 0
      table.add(["number", "applied", "reason"].map { generation.member($0)?.shown ?? "" } + ["\(count)"])
    }
    return table.text
  }
}

/// What an apply did, or would do, for people.
private enum AppliedText {
  static func text(_ answer: Value) -> String {
    let lines = [("added", "add"), ("changed", "change"), ("removed", "remove")].flatMap { list, verb in
      (answer.member(list)?.items ?? []).map { verb.padded(to: 8) + $0.shown + "\n" }
    }
    let kept = answer.member("kept")?.items.count ?? 0
    return lines.joined() + "\(kept) \(kept == 1 ? "route stays as it is" : "routes stay as they are")\n"
  }
}
