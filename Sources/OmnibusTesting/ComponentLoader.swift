public import Omnibus
internal import OmnibusEngine

/// Makes components from `Configuration`s, as the engine does from route files: the components of the given plugins,
/// and steps that a test brings as closures.
public final class ComponentLoader: LoadScope.Builder {
  private let catalog: Catalog
  private let context: Context

  /// A loader of what `plugins` bring, and of the steps in `steps`, which take no options.
  public init(
    _ plugins: [Plugin], context: Context = .testing(),
    steps: [String: @Sendable (inout Message) async throws -> Next] = [:]
  ) {
    self.context = context
    let components = steps.map { name, body in
      Component.step(name, "a step of the test", NoOptions.self) { _, _ in TestStep(body) }
    }
    catalog = Catalog(plugins + [Plugin(name: "test", version: "1", components: components)])
  }

  /// The block for a list of steps; throws all that is wrong with it.
  public func steps(_ steps: Configuration) throws(Diagnostics) -> Block {
    try load { $0.block(steps.node) }
  }

  /// The component `name` in `role` with `options`; throws all that is wrong with them.
  public func make(
    _ role: Component.Role, _ name: String, _ options: Configuration
  ) throws(Diagnostics) -> Component.Made {
    try load { component(role, named: Configuration(stringLiteral: name).node, options: options.node, in: $0) }
  }

  /// The value of an option; throws all that is wrong with it.
  public func option<Value: OptionValue>(_ type: Value.Type, _ value: Configuration) throws(Diagnostics) -> Value {
    try load { type.decode(value.node, in: $0) }
  }

  /// Builds the steps in `node`.
  public func block(_ node: Node, in scope: LoadScope, isBranch: Bool) -> Block? {
    builder.block(node, in: scope, isBranch: isBranch)
  }

  /// What the component makes of `options`.
  public func component(
    _ role: Component.Role, named name: Node, options: Node, in scope: LoadScope
  ) -> Component.Made? {
    builder.component(role, named: name, options: options, in: scope)
  }

  /// The environment variable `NAME` for `env:NAME`, the text of a file for `file:PATH`.
  public func resolve(_ reference: String) throws(LoadScope.ReferenceProblem) -> String {
    try builder.resolve(reference)
  }

  private var builder: RouteBuilder { RouteBuilder(catalog: catalog, context: context) }

  private func load<Result>(_ body: (LoadScope) -> Result?) throws(Diagnostics) -> Result {
    let scope = LoadScope(subject: "test", context: context, builder: self)
    let result = body(scope)
    guard let result, scope.problems.isEmpty else { throw Diagnostics(scope.problems) }
    return result
  }
}

private struct TestStep: Step {
  let body: @Sendable (inout Message) async throws -> Next

  init(_ body: @escaping @Sendable (inout Message) async throws -> Next) { self.body = body }

  func process(_ message: inout Message, _ context: Context) async throws -> Next { try await body(&message) }
}
