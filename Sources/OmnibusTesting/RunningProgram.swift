internal import Glibc
internal import OmnibusReactor
internal import Synchronization

/// A program that a test started, such as a server to talk to. It is killed when nobody holds it any more.
///
/// Started by posix_spawn(3), with no descriptor of the tests beside its standard ones, no signal blocked, and every
/// signal at its default. Foundation's `Process` is not for tests: it reads beyond a buffer, and crashes now and then,
/// where the process has more than about 1,400 descriptors open.
public final class RunningProgram: Sendable {
  /// What a program reads.
  public enum Input: Sendable {
    /// Its end at once.
    case nothing
    /// What `write(_:)` gives it. It ends with `closeInput()`, when nobody holds the program any more, and with the
    /// tests.
    case open
  }

  /// Where a program's standard error goes.
  public enum Errors: Sendable {
    /// Into `output`, in the order in which it is written.
    case withOutput
    /// Nowhere.
    case discarded
  }

  private let input: Mutex<Int32?>
  private let written: ProgramOutput
  private let ended: ProgramEnd

  /// Starts the program at the path `program` in `directory`, which is that of the tests where it is nil; `environment`
  /// is added to that of the tests. Throws where it cannot be started; `/usr/bin/env` finds a program by its name.
  public init(
    _ program: String, _ arguments: [String] = [], environment: [String: String] = [:], directory: String? = nil,
    input: Input = .open, errors: Errors = .withOutput
  ) throws {
    let output = try ProgramPipe()
    defer { output.closeWriter() }
    let feed: ProgramPipe?
    do { feed = input == .open ? try ProgramPipe() : nil } catch {
      output.closeReader()
      throw error
    }
    defer { feed?.closeReader() }
    do {
      let id = try ProgramStart(
        program: program, arguments: arguments, environment: environment, directory: directory, input: feed?.reader,
        output: output.writer, errors: errors == .withOutput ? output.writer : nil
      ).run()
      self.input = Mutex(feed?.writer)
      written = ProgramOutput(output.reader)
      ended = ProgramEnd(of: id)
    } catch {
      output.closeReader()
      feed?.closeWriter()
      throw error
    }
  }

  deinit {
    ended.signal(SIGKILL)
    closeInput()
  }

  /// What it wrote so far, to standard output and, where they are not discarded, as errors; decoded as UTF-8.
  public var output: String { written.text }

  /// Whether it has not ended.
  public var isRunning: Bool { ended.code == nil }

  /// Sends it a signal; nothing where it has ended.
  public func signal(_ number: Int32) { ended.signal(number) }

  /// Gives it bytes to read, and waits until it, or the pipe, has taken them. Throws where it reads no more.
  public func write(_ bytes: [UInt8]) throws {
    // What a program that has ended does not read is an error, and not the end of the tests.
    Glibc.signal(SIGPIPE, SIG_IGN)
    try input.withLock { input in
      guard let input else { throw SystemError("write", code: EBADF) }
      var left = bytes[...]
      while !left.isEmpty {
        let count = left.withUnsafeBytes { Glibc.write(input, $0.baseAddress, $0.count) }
        guard count >= 0 || errno == EINTR else { throw SystemError("write") }
        left = left.dropFirst(max(count, 0))
      }
    }
  }

  /// Ends what it reads.
  public func closeInput() {
    input.withLock { input in
      if let input { close(input) }
      input = nil
    }
  }

  /// Asks it to end by SIGTERM, and gives its exit code; nil where it does not end in time.
  public func stop(within limit: Duration = .seconds(120)) async throws -> Int32? {
    signal(SIGTERM)
    return try await end(within: limit)
  }

  /// Waits for its end, and gives its exit code, 128 and the number of the signal where one ended it; nil where it does
  /// not end in time. `output` is whole then, unless a child of its own still holds it open 2 s later.
  public func end(within limit: Duration = .seconds(180)) async throws -> Int32? {
    guard try await eventually(within: limit, { !isRunning }) else { return nil }
    _ = try await eventually(within: .seconds(2)) { written.isWhole }
    return ended.code
  }

  /// Blocks the thread until its end, however long that takes, and gives what `end(within:)` gives.
  @available(*, noasync, message: "use end(within:)")
  @discardableResult
  public func wait() -> Int32 {
    let code = ended.wait()
    written.waitUntilWhole(seconds: 2)
    return code
  }
}
