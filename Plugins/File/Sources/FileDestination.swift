internal import Omnibus
internal import OmnibusExpression
internal import OmnibusReactor

/// Writes the body into a file of a folder, and returns when it is on the disk. The message goes on as it was.
struct FileDestination: Step {
  /// What a stream may hold at the most that is written behind the end of a file, in one piece.
  static let appendLimit = 16 << 20

  private let path: String
  private let name: TextTemplate
  private let mode: FileDestinationOptions.Mode
  private let newline: Bool
  private let heading: TextTemplate?
  private let appends: AppendQueue

  init(_ options: FileDestinationOptions, _ context: Context) {
    path = context.resolve(options.directory)
    name = options.name
    mode = options.mode
    newline = options.newline
    heading = options.heading
    appends = AppendQueue(path: path, blocking: context.blocking)
  }

  func process(_ message: inout Message, _ context: Context) async throws -> Next {
    let name = try name.evaluate(&message, context)
    if let problem = FileName.problem(name) { throw Failure(.invalid, "the file cannot have the name: \(problem)") }
    let heading = try heading?.evaluate(&message, context)
    if case .stream(let stream) = message.body {
      if mode == .append {
        try await append(stream.collect(limit: Self.appendLimit), to: name, heading)
      } else {
        try stream.claim()
        try await write(stream, to: name, context)
      }
    } else if mode == .append {
      try await append(message.bodyBytes(), to: name, heading)
    } else {
      try await write(message.bodyBytes(), to: name, context)
    }
    return .next
  }

  private func write(_ bytes: [UInt8], to name: String, _ context: Context) async throws {
    try await onThread(context) { [path, mode] () throws(SystemError) in
      let file = try NewFile(in: Folder(making: path))
      try file.write(bytes)
      try file.commit(as: name, replacing: mode == .replace)
    }
  }

  private func write(_ stream: BodyStream, to name: String, _ context: Context) async throws {
    let file = try await onThread(context) { [path] () throws(SystemError) in
      try NewFile(in: Folder(making: path), of: stream.file)
    }
    do {
      while !file.isComplete, let piece = try await stream.next() {
        try await onThread(context) { () throws(SystemError) in try file.write(piece) }
      }
      try await onThread(context) { [mode] () throws(SystemError) in
        try file.commit(as: name, replacing: mode == .replace)
      }
    } catch {
      // By the time of the failure nothing is left; whoever else holds the file may do so for longer.
      try? await onThread(context) { () throws(SystemError) in file.discard() }
      throw error
    }
  }

  private func append(_ body: [UInt8], to name: String, _ heading: String?) async throws {
    var bytes = body
    if newline, bytes.last != UInt8(ascii: "\n") { bytes.append(UInt8(ascii: "\n")) }
    do {
      try await appends.append(AppendedFile.Record(bytes: bytes, heading: heading), to: name)
    } catch let error as SystemError {
      throw Failure(file: error, "cannot write the file")
    }
  }

  private func onThread<Result: Sendable>(
    _ context: Context, _ body: @escaping @Sendable () throws(SystemError) -> Result
  ) async throws -> Result {
    do {
      return try await context.blocking.run(body)
    } catch let error as SystemError {
      throw Failure(file: error, "cannot write the file")
    }
  }
}
