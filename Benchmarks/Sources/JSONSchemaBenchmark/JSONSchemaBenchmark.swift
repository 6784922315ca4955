import Glibc
import JSONSchemaPlugin
import Logging
import Omnibus
import OmnibusReactor

/// Checks a document by a schema again and again with `validate_json`, from its bytes on, and prints how many documents a
/// second that are, the median of some rounds: `JSONSchemaBenchmark SCHEMA DOCUMENT SECONDS`.
@main
struct JSONSchemaBenchmark {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 4, let seconds = Double(arguments[3]), let bytes = read(arguments[2]) else {
      throw Failure(.invalid, "usage: JSONSchemaBenchmark SCHEMA DOCUMENT SECONDS")
    }
    let reactors = try ReactorGroup(count: 1)
    let context = Context(
      route: "benchmark", revision: "0", step: "0", logger: Logger(label: "benchmark"),
      clock: SystemClock(reactors: reactors), formats: Formats(), reactors: reactors, blocking: BlockingExecutor(),
      directory: ".")
    let transformer = try make(arguments[1], context)
    // Bytes without a content type are checked and dropped, so that each round parses them.
    var message = Message(body: .bytes(bytes))
    var rates: [Double] = []
    for _ in 0..<5 {
      let start = MonotonicTime.now
      var (count, elapsed) = (0, UInt64(0))
      while Double(elapsed) < seconds * 1e9 / 5 {
        for _ in 0..<20 { try transformer.transform(&message, context) }
        count += 20
        elapsed = MonotonicTime.now - start
      }
      rates.append(Double(count) / Double(elapsed) * 1e9)
    }
    print(rates.sorted()[2])
    reactors.stop()
  }

  private static func make(_ schema: String, _ context: Context) throws -> any Transformer {
    func scalar(_ text: String) -> Node {
      Node(.scalar(text, plain: true), at: Location(file: "benchmark", line: 1, column: 1))
    }
    let options = Node(.mapping([(scalar("schema"), scalar(schema))]), at: scalar("").location)
    let scope = LoadScope(subject: "validate_json", context: context, builder: NoBuilder())
    guard case .transformer(let transformer)? = Plugin.jsonSchema.components.first?.make(options, scope, context) else {
      throw Failure(.internal, "validate_json cannot be made: \(scope.problems.map(\.message))")
    }
    return transformer
  }

  private static func read(_ path: String) -> [UInt8]? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65536)
    while case let count = fread(&piece, 1, piece.count, file), count > 0 { bytes += piece[..<count] }
    return bytes
  }
}

/// Builds nothing: the options of the step hold no steps.
private final class NoBuilder: LoadScope.Builder {
  func block(_ node: Node, in scope: LoadScope, isBranch: Bool) -> Block? { nil }

  func component(
    _ role: Component.Role, named name: Node, options: Node, in scope: LoadScope
  ) -> Component.Made? { nil }

  func resolve(_ reference: String) throws(LoadScope.ReferenceProblem) -> String { reference }
}
