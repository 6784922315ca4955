internal import ArgumentParser
internal import Omnibus

/// `omnibus dead-letters show`.
struct DeadLettersShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show a dead letter: why and where it failed, or the message itself.",
    discussion: "The message is for those who have the right view_body, and each look at it is logged.")

  @Argument(help: "The id of the letter.") var id: String
  @Flag(help: "Write the body of the message, as it came in.") var body = false
  @Flag(help: "Show the headers of the message.") var headers = false
  @OptionGroup var arguments: AdminArguments

  func validate() throws {
    if body, headers { throw ValidationError("--body and --headers exclude each other") }
  }

  func run() async throws {
    let client = try AdminClient(arguments)
    let path = "/dead-letters/\(AdminClient.part(id))"
    if body { return Terminal.write(try await client.bytes(path + "/body")) }
    let answer = try await client.get(headers ? path + "/headers" : path)
    try arguments.show(answer, headers ? Self.headers : Self.letter)
  }

  private static func headers(_ answer: Value) -> String {
    (answer.member("headers")?.items ?? []).map {
      "\($0.member("name")?.shown ?? ""): \($0.member("value")?.shown ?? "")\n"
    }.joined()
  }

  private static func letter(_ answer: Value) -> String {
    let lines = ["id", "route", "received", "content_type", "size"].compactMap { name in
      answer.member(name).map { name.padded(to: 13) + $0.shown + "\n" }
    }
    var table = TextTable(["failed", "kind", "step", "component", "tries", "revision", "reason"])
    for attempt in answer.member("attempts")?.items ?? [] {
      table.add(
        ["time", "kind", "step", "component", "tries", "revision", "reason"].map { attempt.member($0)?.shown ?? "" })
    }
    return lines.joined() + "\n" + table.text
  }
}
