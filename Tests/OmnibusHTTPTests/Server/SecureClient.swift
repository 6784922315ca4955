import OmnibusTesting

/// The program `openssl s_client`, as a client that speaks TLS in whatever way it is told to.
enum SecureClient {
  /// Connects, sends `input` when the handshake is over, and answers all that the program says and receives, once the
  /// server has ended the connection or refused it. Where it takes `commands`, a line `R` asks for a renegotiation.
  static func talk(
    _ port: UInt16, _ arguments: [String], sending input: String = "", commands: Bool = false
  ) throws -> String {
    let program = try RunningProgram(
      "/usr/bin/openssl",
      ["s_client", "-connect", "127.0.0.1:\(port)"] + (commands ? [] : ["-ign_eof"]) + arguments)
    try program.write(Array(input.utf8))
    if !commands { program.closeInput() }
    program.wait()
    return program.output
  }
}
