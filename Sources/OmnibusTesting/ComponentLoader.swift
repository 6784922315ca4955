public import Omnibus
internal import OmnibusEngine

/// Makes components from `Configuration`s, as the engine does from route files: the components of the given plugins,
/// and steps that a test brings as closures.
public final class ComponentLoader: LoadScope.Builder {
  private let components: [Component]
  private let context: Context

  /// A loader of what `plugins` bring, and of the steps in `steps`, which take no options.
  public init(
    _ plugins: [Plugin], context: Context = .testing(),
    steps: [String: @Sendable (inout Message) async throws -> Next] = [:]
  ) {
    self.context = context
    components =
      plugins.flatMap(\.components)
      + steps.map { name, body in Component.step(name, "a step of the test", NoOptions.self) { _, _ in TestStep(body) }
      }
  }

  /// The block for a list of steps; throws all that is wrong with it.
  public func steps(_ steps: Configuration) throws(Diagnostics) -> Block {
    try load { block(steps.node, in: $0) }
  }

  /// The component `name` in `role` with `options`; throws all that is wrong with them.
  public func make(
    _ role: Component.Role, _ name: String, _ options: Configuration
  ) throws(Diagnostics) -> Component.Made {
    try load { make(role, name, options.node, $0) }
  }

  /// The value of an option; throws all that is wrong with it.
  public func option<Value: OptionValue>(_ type: Value.Type, _ value: Configuration) throws(Diagnostics) -> Value {
    try load { type.decode(value.node, in: $0) }
  }

  /// Builds the steps in `node`; each is a map whose first key is the verb, `middleware` may stand beside it.
  public func block(_ node: Node, in scope: LoadScope) -> Block? {
    let stages = (node.elements ?? []).enumerated().map { index, step in
      let id = step["id"]?.text ?? "steps[\(index)]"
      return stage(step, context.with(step: id), scope)
    }
    return stages.contains { $0 == nil } ? nil : Block(stages.compactMap { $0 })
  }

  /// What the component makes of `options`.
  public func component(
    _ role: Component.Role, named name: Node, options: Node, in scope: LoadScope
  ) -> Component.Made? {
    make(role, name.text ?? "", options, scope)
  }

  /// What a reference stands for, as in routes.
  public func resolve(_ reference: String) throws(LoadScope.ReferenceProblem) -> String {
    try SettingsReader().resolve(reference, directory: context.directory)
  }

  private func load<Result>(_ body: (LoadScope) -> Result?) throws(Diagnostics) -> Result {
    let scope = LoadScope(subject: "test", context: context, builder: self)
    let result = body(scope)
    guard let result, scope.problems.isEmpty else { throw Diagnostics(scope.problems) }
    return result
  }

  private func component(_ role: Component.Role, _ name: String) -> Component? {
    components.first { $0.role == role && $0.name == name }
  }

  private func stage(_ node: Node, _ context: Context, _ outer: LoadScope) -> Block.Stage? {
    let scope = LoadScope(subject: "test", context: context, builder: self)
    defer { outer.report(scope.problems) }
    guard let first = node.entries?.first, var name = first.key.text else { return nil }
    var options = first.value
    var role = Component.Role.step
    if name == "to", let destination = options.entries?.first, let destinationName = destination.key.text {
      (name, options, role) = (destinationName, destination.value, .destination)
    }
    guard let made = make(role, name, options, scope) else { return nil }
    let handlers = (node["middleware"]?.elements ?? []).map { entry -> (any Middleware)? in
      guard let (key, options) = entry.entries?.first, let name = key.text,
        case .middleware(let middleware) = make(.middleware, name, options, scope)
      else { return nil }
      return middleware
    }
    guard !handlers.contains(where: { $0 == nil }) else { return nil }
    return Block.Stage(work(made, handlers.compactMap { $0 }), component: name, context: context,
      isOneWay: role == .destination && component(role, name)?.answers == false)
  }

  private func make(_ role: Component.Role, _ name: String, _ options: Node, _ scope: LoadScope) -> Component.Made? {
    guard let component = component(role, name) else {
      scope.report("unknown-component", at: options.location, "there is no \(role) \"\(name)\"")
      return nil
    }
    let inner = LoadScope(subject: name, context: scope.context, builder: self)
    defer { scope.report(inner.problems) }
    return component.make(options, inner)
  }

  private func work(_ made: Component.Made, _ middleware: [any Middleware]) -> Block.Stage.Work {
    let handler: Handler
    switch made {
    case .transformer(let transformer):
      if middleware.isEmpty { return .transformer(transformer) }
      handler = { message, context in
        try transformer.transform(&message, context)
        return .next
      }
    case .step(let step):
      if middleware.isEmpty { return .step(step) }
      handler = { message, context in try await step.process(&message, context) }
    default:
      preconditionFailure("only steps and destinations stand in a list of steps")
    }
    return .wrapped(middleware.reversed().reduce(handler) { $1.wrapping($0) })
  }
}

private struct TestStep: Step {
  let body: @Sendable (inout Message) async throws -> Next

  init(_ body: @escaping @Sendable (inout Message) async throws -> Next) { self.body = body }

  func process(_ message: inout Message, _ context: Context) async throws -> Next { try await body(&message) }
}
