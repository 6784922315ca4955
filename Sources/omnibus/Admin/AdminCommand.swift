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
    let answer = try await ask(try AdminClient(arguments))
    guard arguments.json else { return Terminal.write(text(answer)) }
    Terminal.write(try answer.jsonBytes() + Array("\n".utf8))
  }
}
