import Foundation

/// The program `openssl s_client`, as a client that speaks TLS in whatever way it is told to.
enum SecureClient {
  /// Connects, sends `input` when the handshake is over, and answers all that the program says and receives, once the
  /// server has ended the connection or refused it. Where it takes `commands`, a line `R` asks for a renegotiation.
  static func talk(
    _ port: UInt16, _ arguments: [String], sending input: String = "", commands: Bool = false
  ) throws -> String {
    let process = Process()
    let (stdin, output) = (Pipe(), Pipe())
    process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
    process.arguments = ["s_client", "-connect", "127.0.0.1:\(port)"] + (commands ? [] : ["-ign_eof"]) + arguments
    process.standardInput = stdin
    process.standardOutput = output
    process.standardError = output
    try process.run()
    try stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
    if !commands { try stdin.fileHandleForWriting.close() }
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return text
  }
}
