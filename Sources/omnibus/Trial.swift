internal import ArgumentParser
internal import Glibc
internal import Omnibus
internal import OmnibusEngine
internal import OmnibusReactor

/// Runs steps on messages one after another, and prints what comes of each.
struct Trial: Sendable {
  private let block: Block
  private let headers: Headers
  private let format: TryCommand.Format
  private let outputDir: String?
  private let environment: EngineEnvironment

  /// A trial of the steps in the text `steps`, or in the file `file`. Problems of the steps are printed.
  init(
    steps: String?, file: String?, headers: Headers, format: TryCommand.Format, outputDir: String?,
    installed: InstalledPlugins
  ) throws {
    self.headers = headers
    self.format = format
    self.outputDir = outputDir
    environment = try EngineSetup.environment()
    let path = file ?? "-e"
    let bytes = try steps.map { Array($0.utf8) } ?? InputFile.read(path)
    let directory = file.flatMap { $0.lastIndex(of: "/").map { String(path[..<$0]) } } ?? "."
    let engine = Engine(plugins: installed.plugins, missing: installed.missing, environment: environment)
    do throws(Diagnostics) {
      block = try engine.steps(bytes, file: path, directory: directory)
    } catch {
      let renderer = DiagnosticRenderer(
        files: RouteFiles([.init(path: path, bytes: bytes)]), colour: Terminal.usesColour(STDERR_FILENO))
      for problem in error.all { Terminal.write(renderer.render(problem), to: STDERR_FILENO) }
      throw ExitCode(1)
    }
  }

  /// Runs the steps on each input, `-` being standard input; answers how many failed.
  func run(_ inputs: [String]) async throws -> Int {
    let task = Task.detached(executorPreference: environment.reactors.next()) { [self] in
      var failures = 0
      for input in inputs { if try await !run(input) { failures += 1 } }
      return failures
    }
    return try await task.value
  }

  private func run(_ input: String) async throws -> Bool {
    var message = Message(headers: headers, body: .bytes(try InputFile.read(input)))
    if message.contentType == nil { message.contentType = InputFile.contentType(input) }
    message.headers["file-name"] = input
    var failure: Failure?
    var bytes: [UInt8] = []
    do {
      _ = try await block.run(&message)
      bytes = try message.bodyBytes()
    } catch {
      failure = Failure(error)
    }
    if failure == nil, let outputDir {
      try OutputFile.write(bytes, to: "\(outputDir)/\(input.split(separator: "/").last ?? "stdin")")
    }
    switch format {
    case .json: Terminal.write(try line(input, message, bytes, failure))
    case .body where failure != nil: Terminal.write("\(input): \(failure?.description ?? "")\n", to: STDERR_FILENO)
    case .body where outputDir == nil:
      Terminal.write(bytes)
      if isatty(STDOUT_FILENO) == 1, bytes.last != UInt8(ascii: "\n") { Terminal.write("\n") }
    case .body: break
    }
    return failure == nil
  }

  /// One line of JSON: input, outcome, failure kind, reason, place, problems, headers, body.
  private func line(_ input: String, _ message: Message, _ bytes: [UInt8], _ failure: Failure?) throws -> [UInt8] {
    var members: [(String, Value)] = [
      ("input", .string(input)), ("outcome", .string(failure == nil ? "success" : "failure")),
    ]
    if let failure {
      members.append(("kind", .string(failure.kind.rawValue)))
      members.append(("reason", .string(failure.reason)))
      if let step = failure.step { members.append(("place", .string(step))) }
      if !failure.problems.isEmpty { members.append(("problems", .list(failure.problems.map(\.value)))) }
    }
    members.append(("headers", .map(ValueMap(message.headers.map { ($0.name, .string($0.value)) }))))
    if failure == nil { members.append(("body", body(message, bytes))) }
    return try JSONDocument(.map(ValueMap(members))).serialize() + Array("\n".utf8)
  }

  /// The body as JSON where it is JSON, else as text, else in base64.
  private func body(_ message: Message, _ bytes: [UInt8]) -> Value {
    if case .empty = message.body { return .null }
    if case .document(let document) = message.body, document is JSONDocument { return document.root }
    return String(validating: bytes, as: UTF8.self).map(Value.string) ?? .bytes(bytes)
  }
}

extension Failure.Problem {
  /// The problem as a value for JSON.
  fileprivate var value: Value {
    .map(ValueMap([("detail", .string(detail)), ("place", place.map(Value.string) ?? .null)]))
  }
}
