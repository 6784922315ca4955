internal import Synchronization

/// Something that routes can name: what it is, its options, and how it is made from them.
public struct Component: Sendable {
  /// Where in a route a component can stand.
  public enum Role: String, Sendable, CaseIterable {
    /// Under `from`.
    case source
    /// Under `to`.
    case destination
    /// As a step.
    case step
    /// Under `middleware` and `resources`.
    case middleware
    /// Under `split`, beside `steps`.
    case splitter
  }

  /// What a component turns into.
  public enum Made: Sendable {
    case source(any Source)
    case step(any Step)
    case transformer(any Transformer)
    case middleware(any Middleware)
    case splitter(any Splitter)
  }

  /// The name in YAML.
  public let name: String
  /// Where it can stand.
  public let role: Role
  /// What it does, in a sentence.
  public let summary: String
  private let lazyShape: LazyShape
  /// Whether a destination puts an answer into the message; one that does not leaves the message as it was.
  public let answers: Bool
  /// The named options that can stand in for its own, as those of a connection; nil for what takes none.
  public let shared: SharedOptions?
  /// Makes it from its options, or reports what is wrong with them and answers nil.
  public let make: @Sendable (_ options: Node, _ scope: LoadScope, _ context: Context) -> Made?

  /// What connections are called whose options can stand in for its own: as the connector is, unless several share them;
  /// nil for what takes none.
  public var connection: String? { shared?.table == .connection ? shared?.kind : nil }

  /// Its options.
  public var shape: OptionShape { lazyShape.shape }

  private init<Value: OptionValue>(
    _ name: String, _ role: Role, _ summary: String, _ type: Value.Type, answers: Bool = false,
    shared: SharedOptions? = nil, _ make: @escaping @Sendable (Value, Context) throws -> Made
  ) {
    self.name = name
    self.role = role
    self.summary = summary
    lazyShape = LazyShape { type.shape }
    self.answers = answers
    self.shared = shared
    self.make = { @Sendable node, scope, context in
      guard let value = Value.decode(node, in: scope) else { return nil }
      do {
        return try make(value, context)
      } catch let problem as OptionProblem {
        let place = problem.option.flatMap { node[$0] } ?? node
        scope.report("invalid-option", at: place.location, "\(scope.subject): \(problem.message)", help: problem.help)
      } catch {
        scope.report("invalid-option", at: node.location, "\(scope.subject): \(error)")
      }
      return nil
    }
  }

  /// A source. `connection` is what connections for it are called, where several connectors share them.
  public static func source<Value: OptionValue>(
    _ name: String, _ summary: String, _ type: Value.Type, connection: String? = nil,
    make: @escaping @Sendable (Value, Context) throws -> any Source
  ) -> Component {
    Component(name, .source, summary, type, shared: .connection(connection ?? name)) { .source(try make($0, $1)) }
  }

  /// A destination. `answers` is whether it replaces the body by an answer, or is one-way (a queue, a file);
  /// `connection` is what connections for it are called, where several connectors share them.
  public static func destination<Value: OptionValue>(
    _ name: String, _ summary: String, _ type: Value.Type, answers: Bool, connection: String? = nil,
    make: @escaping @Sendable (Value, Context) throws -> any Step
  ) -> Component {
    Component(name, .destination, summary, type, answers: answers, shared: .connection(connection ?? name)) {
      .step(try make($0, $1))
    }
  }

  /// A step that may wait. `connection` is what connections for it are called, where it shares options with others.
  public static func step<Value: OptionValue>(
    _ name: String, _ summary: String, _ type: Value.Type, connection: String? = nil,
    make: @escaping @Sendable (Value, Context) throws -> any Step
  ) -> Component {
    Component(name, .step, summary, type, shared: connection.map(SharedOptions.connection)) { .step(try make($0, $1)) }
  }

  /// A step that never waits. `shared` is which named options can stand in for its own.
  public static func transformer<Value: OptionValue>(
    _ name: String, _ summary: String, _ type: Value.Type, shared: SharedOptions? = nil,
    make: @escaping @Sendable (Value, Context) throws -> any Transformer
  ) -> Component { Component(name, .step, summary, type, shared: shared) { .transformer(try make($0, $1)) } }

  /// A middleware.
  public static func middleware<Value: OptionValue>(
    _ name: String, _ summary: String, _ type: Value.Type,
    make: @escaping @Sendable (Value, Context) throws -> any Middleware
  ) -> Component { Component(name, .middleware, summary, type) { .middleware(try make($0, $1)) } }

  /// A splitter. `shared` is which named options can stand in for its own.
  public static func splitter<Value: OptionValue>(
    _ name: String, _ summary: String, _ type: Value.Type, shared: SharedOptions? = nil,
    make: @escaping @Sendable (Value, Context) throws -> any Splitter
  ) -> Component { Component(name, .splitter, summary, type, shared: shared) { .splitter(try make($0, $1)) } }
}

/// What `make` throws about an option that only the component itself could judge.
public struct OptionProblem: Error {
  /// The option, for the place; nil for the component as a whole.
  public var option: String?
  /// What was found and what was expected.
  public var message: String
  /// What to write instead.
  public var help: String?

  /// A problem of an option.
  public init(_ option: String?, _ message: String, help: String? = nil) {
    self.option = option
    self.message = message
    self.help = help
  }
}

/// The shape of a component's options, made when it is first asked for: few components of a program are in its routes.
private final class LazyShape: Sendable {
  private let made = Mutex<OptionShape?>(nil)
  private let make: @Sendable () -> OptionShape

  init(_ make: @escaping @Sendable () -> OptionShape) { self.make = make }

  var shape: OptionShape {
    made.withLock { made in
      let shape = made ?? make()
      made = shape
      return shape
    }
  }
}
