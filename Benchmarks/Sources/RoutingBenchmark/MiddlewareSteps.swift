import Omnibus
import ResiliencePlugin

/// A step that does next to nothing, within each middleware of the plugin `resilience` in turn: how it is when nothing is
/// wrong.
struct MiddlewareSteps {
  /// The steps, by what they stand in; the first stands in nothing.
  let all: [(name: String, step: Handler)]

  /// Makes the middleware as routes would.
  init(_ context: Context) throws {
    let step = Handler { message, context in try await AsyncTouch().process(&message, context) }
    var all: [(name: String, step: Handler)] = [
      ("none", step), ("one that only calls on", PassOn().wrapping(step)),
    ]
    let key = ("key", "headers[\"content-type\"]")
    let middleware: [(title: String, name: String, options: [(String, String)])] = [
      ("circuit_breaker, closed", "circuit_breaker", []),
      ("circuit_breaker, window 10s", "circuit_breaker", [("window", "10s"), ("slow_call_duration", "5s")]),
      ("retry", "retry", []), ("bulkhead", "bulkhead", []), ("rate_limit", "rate_limit", [("rate", "1000000/s")]),
      ("rate_limit with a key", "rate_limit", [("rate", "1000000/s"), key]),
      ("cache, each a hit", "cache", [key]),
    ]
    for (title, name, options) in middleware {
      let entries = options.map { (key: Self.scalar($0.0), value: Self.scalar($0.1)) }
      let options = Node(.mapping(entries), at: Self.nowhere)
      all.append((title, try Self.make(name, options, context).wrapping(step)))
    }
    all.append(("timeout", try Self.make("timeout", Self.scalar("30s"), context).wrapping(step)))
    self.all = all
  }

  private static let nowhere = Location(file: "benchmark", line: 1, column: 1)

  private static func scalar(_ text: String) -> Node { Node(.scalar(text, plain: true), at: nowhere) }

  private static func make(_ name: String, _ options: Node, _ context: Context) throws -> any Middleware {
    let scope = LoadScope(subject: name, context: context, builder: NoBuilder())
    let component = Plugin.resilience.components.first { $0.name == name }
    guard case .middleware(let middleware)? = component?.make(options, scope, context) else {
      throw Failure(.internal, "\(name) cannot be made: \(scope.problems.map(\.message))")
    }
    return middleware
  }
}

/// Builds nothing: the options of these middleware hold no steps.
private final class NoBuilder: LoadScope.Builder {
  func block(_ node: Node, in scope: LoadScope, isBranch: Bool) -> Block? { nil }

  func component(
    _ role: Component.Role, named name: Node, options: Node, in scope: LoadScope
  ) -> Component.Made? { nil }

  func resolve(_ reference: String) throws(LoadScope.ReferenceProblem) -> String { reference }
}
