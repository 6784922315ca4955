internal import ArgumentParser
internal import Omnibus

/// A command that asks a running engine: prints what it answers as JSON, or for people.
protocol AdminCommand: AsyncParsableCommand {
  var arguments: AdminArguments { get }
  /// Asks, and answers what is printed with `--json`.
  func ask(_ client: AdminClient) async throws -> Value
  /// The answer for people.
  func text(_ answer: Value) -> String
}

extension AdminCommand {
  func run() async throws {
    try arguments.show(try await ask(try AdminClient(arguments)), text)
  }
}

extension AdminArguments {
  /// Prints an answer: as JSON where that is asked for, else as `text` puts it for people.
  func show(_ answer: Value, _ text: (Value) -> String) throws {
    Terminal.write(json ? try answer.jsonBytes() + Array("\n".utf8) : Array(text(answer).utf8))
  }
}
