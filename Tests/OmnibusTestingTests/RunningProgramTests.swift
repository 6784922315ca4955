import OmnibusReactor
import OmnibusTesting
import Testing

@Suite("running program")
struct RunningProgramTests {
  private func shell(
    _ script: String, environment: [String: String] = [:], directory: String? = nil,
    input: RunningProgram.Input = .nothing, errors: RunningProgram.Errors = .withOutput
  ) throws -> RunningProgram {
    try RunningProgram(
      "/bin/sh", ["-c", script], environment: environment, directory: directory, input: input, errors: errors)
  }

  @Test("it has no descriptor of the tests, no signal blocked or ignored, and reads nothing")
  func clean() async throws {
    let folder = TemporaryDirectory()
    // The last seven digits: glibc ignores the signals 32 and 33 in what it starts, which are its own.
    let signals = "grep -E 'Sig(Blk|Ign)' /proc/self/status | grep -o '.......$'"
    let program = try shell("ls /proc/self/fd; \(signals); cat", directory: folder.path)
    #expect(try await program.end() == 0)
    // The fourth is that of the folder which `ls` lists.
    #expect(program.output == "0\n1\n2\n3\n0000000\n0000000\n")
  }

  @Test("it runs in its folder, with variables beside those of the tests")
  func surroundings() async throws {
    let folder = TemporaryDirectory()
    let program = try shell(
      "pwd; echo $GREETING; test -n \"$PATH\"", environment: ["GREETING": "hi"], directory: folder.path)
    #expect(try await program.end() == 0)
    #expect(program.output == "\(folder.path)\nhi\n")
  }

  @Test("errors come with the output, or nowhere")
  func errors() async throws {
    for (errors, output) in [(RunningProgram.Errors.withOutput, "one\ntwo\n"), (.discarded, "one\n")] {
      let program = try shell("echo one; echo two >&2", errors: errors)
      #expect(try await program.end() == 0)
      #expect(program.output == output)
    }
  }

  @Test("it reads what is written until the input is closed, and its output is whole when it has ended")
  func echo() throws {
    let program = try shell("cat", input: .open)
    let bytes = [UInt8](repeating: 65, count: 1 << 20)
    try program.write(bytes)
    program.closeInput()
    #expect(program.wait() == 0)
    #expect(Array(program.output.utf8) == bytes)
    #expect(throws: SystemError("write", code: 9)) { try program.write([0]) }
  }

  @Test("what a program that has ended does not read is an error")
  func brokenPipe() throws {
    let program = try shell("exec <&-", input: .open)
    program.wait()
    #expect(throws: SystemError("write", code: 32)) { try program.write([0]) }
  }

  @Test("its exit code is its own, or tells the signal that ended it")
  func codes() async throws {
    #expect(try await shell("exit 7").end() == 7)
    let program = try shell("cat", input: .open)
    #expect(program.isRunning)
    #expect(try await program.stop() == 128 + 15)
    #expect(!program.isRunning)
    program.signal(9)
  }

  @Test("a child of its own that holds the output open does not hold up its end")
  func grandchild() async throws {
    let program = try shell("exec 3<&0; cat <&3 & echo ready", input: .open)
    #expect(try await program.end(within: .seconds(30)) == 0)
  }

  @Test("it is killed when nobody holds it any more")
  func killed() async throws {
    let pipe = try #require(try await firstLine(of: shell("echo $$; exec sleep 1000")))
    #expect(try await eventually { try await shell("kill -0 \(pipe)").end() != 0 })
  }

  private func firstLine(of program: RunningProgram) async throws -> Substring? {
    _ = try await eventually { program.output.contains("\n") }
    return program.output.split(separator: "\n").first
  }

  @Test("a program that is not there cannot be started")
  func absent() {
    #expect(throws: SystemError("posix_spawn", code: 2)) { try RunningProgram("/nonexistent") }
  }
}
