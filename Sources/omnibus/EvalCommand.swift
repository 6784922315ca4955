internal import ArgumentParser
internal import Glibc
internal import Omnibus
internal import OmnibusExpression

/// `omnibus eval`: evaluates an expression by hand, or a suite of them.
struct EvalCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval",
    abstract: "Evaluate an expression and print its value as JSON.",
    discussion: """
      omnibus eval 'body.name[0].family' --body patient.json
        omnibus eval 'headers["x-ward"].startsWith("A")' --header x-ward=A1
        echo '{"expression": "n + 1", "variables": {"n": 1}}' | omnibus eval --cases -

      A case is one line of JSON: {"expression", "body", "variables"}. It is answered by a line {"value", "type"} or
      {"error"}. What JSON cannot say stands as {"type": "uint", "value": 1}, in variables and in values: uint, bytes
      (base64), double NaN, Infinity and -Infinity, google.protobuf.Timestamp, google.protobuf.Duration, type, decimal,
      optional_type, and map as a list of pairs.

      The exit code is 1 if the expression is wrong or fails; a case that fails is an answer.
      """)

  @Argument(help: "The expression, in CEL.") var expression: String?
  @Option(help: ArgumentHelp("The message's body; - is standard input.", valueName: "file")) var body: String?
  @Option(
    name: .customLong("as"),
    help: ArgumentHelp(
      "What the body is: a format such as json, or text, or bytes; what the file's name says unless given, JSON for standard input.",
      valueName: "format"))
  var format: String?
  @Option(
    name: .customLong("header"),
    help: ArgumentHelp("A header of the message; may come more than once.", valueName: "name=value"))
  var headers: [String] = []
  @Option(help: ArgumentHelp("Answer the cases in a file, one a line.", valueName: "file")) var cases: String?

  func validate() throws {
    if (expression == nil) == (cases == nil) { throw ValidationError("give an expression, or a file by --cases") }
    for header in headers where !header.contains("=") {
      throw ValidationError("--header takes name=value, found no \"=\"")
    }
  }

  func run() throws {
    if let cases { return try answer(cases) }
    var message = Message(headers: Headers(arguments: headers))
    if let body { message.body = try decode(try InputFile.read(body), body) }
    do {
      let compiled = try Expression(compiling: expression ?? "")
      let value = try compiled.evaluate(&message, formats: formats, variables: [:])
      write(try TaggedValue.encode(value))
    } catch let error as ExpressionError {
      for problem in error.problems {
        let help = problem.help.map { "\n  help: \($0)" } ?? ""
        report("\(problem.line):\(problem.column): error[\(problem.code)]: \(problem.message)\(help)")
      }
      throw ExitCode(1)
    } catch let failure as Failure {
      report("\(failure.kind.rawValue): \(failure.reason)")
      throw ExitCode(1)
    }
  }

  private func answer(_ file: String) throws {
    for line in try InputFile.read(file).split(separator: UInt8(ascii: "\n")) {
      guard line.contains(where: { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\r") }) else { continue }
      write(ExpressionCase.answer(Array(line), formats: formats))
    }
  }

  private var formats: Formats { Formats(builtInPlugins.flatMap(\.formats)) }

  private func decode(_ bytes: [UInt8], _ file: String) throws -> Body {
    switch format {
    case "bytes": return .bytes(bytes)
    case "text":
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw ValidationError("\(file) is no text in UTF-8")
      }
      return .document(JSONDocument(.string(text)))
    case nil:
      let known = InputFile.contentType(file).flatMap { formats.format(for: $0) }
      return try known.map { .document(try $0.decode(bytes)) } ?? .bytes(bytes)
    case let name?:
      let all = builtInPlugins.flatMap(\.formats)
      guard let known = all.first(where: { $0.name == name }) else {
        let names = all.map(\.name) + ["text", "bytes"]
        throw ValidationError("--as takes one of \(names.joined(separator: ", ")), found \(name)")
      }
      return .document(try known.decode(bytes))
    }
  }

  private func write(_ line: [UInt8]) { Terminal.write(line + [UInt8(ascii: "\n")]) }

  private func report(_ line: String) { Terminal.write("\(line)\n", to: STDERR_FILENO) }
}
