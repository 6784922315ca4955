/// What reading one piece of configuration needs: somewhere to report to, secrets, and a way to build nested steps.
/// Used by one task while routes are loaded.
public final class LoadScope {
  /// Builds what is nested in a component's options; implemented by the engine.
  public protocol Builder: AnyObject {
    /// The block for a list of steps, or nil after reporting what is wrong; of a branch, which not every message takes.
    func block(_ node: Node, in scope: LoadScope, isBranch: Bool) -> Block?
    /// What the component that `name` names in that role makes of `options`, or nil after reporting what is wrong.
    func component(
      _ role: Component.Role, named name: Node, options: Node, in scope: LoadScope
    ) -> Component.Made?
    /// The text of a secret or setting, by `env:NAME` or `file:PATH`.
    func resolve(_ reference: String) throws(ReferenceProblem) -> String
  }

  /// Why a reference could not be read.
  public struct ReferenceProblem: Error {
    /// What is wrong, without the text of a secret.
    public let message: String
    /// A reference that could not be read.
    public init(_ message: String) { self.message = message }
  }

  /// The problems so far.
  public private(set) var problems: [Diagnostic] = []
  /// What the options being read belong to, for messages: `rest`, `retry.backoff`.
  public private(set) var subject: String
  /// Whether an expression among the options reads the body.
  public private(set) var readsBody = false
  /// The context of the component being made; nil for what belongs to no route, as the engine's own configuration.
  public let context: Context?
  /// The folder that relative paths start from.
  public let directory: String
  private let builder: any Builder

  /// A scope for the component `subject`.
  public init(subject: String, context: Context, builder: any Builder) {
    self.subject = subject
    self.context = context
    directory = context.directory
    self.builder = builder
  }

  /// A scope for what belongs to no route.
  public init(subject: String, directory: String, builder: any Builder) {
    self.subject = subject
    context = nil
    self.directory = directory
    self.builder = builder
  }

  /// How many problems were reported.
  public var problemCount: Int { problems.count }

  /// Reports an error.
  public func report(_ code: String, at location: Location, _ message: String, help: String? = nil) {
    problems.append(Diagnostic(code, at: location, message, help: help))
  }

  /// Notes that an expression among the options reads the body, which is then decoded before the component runs.
  public func noteBodyRead() { readsBody = true }

  /// Takes over problems of a nested scope.
  public func report(_ diagnostics: [Diagnostic]) { problems.append(contentsOf: diagnostics) }

  /// Reports a key that is none of `names`, with the nearest, which it answers.
  @discardableResult
  public func reportUnknown(_ what: String, _ key: Node, among names: [String]) -> String? {
    let name = key.text ?? ""
    let nearest = NearestName.of(name, among: names)
    let message = "\(subject) has no \(what) \"\(name)\"" + (nearest.map { "; did you mean \"\($0)\"?" } ?? "")
    let help = names.isEmpty ? "it has none" : "it has \(names.sorted().joined(separator: ", "))"
    report("unknown-\(what)", at: key.location, message, help: nearest == nil ? help : nil)
    return nearest
  }

  /// Reports a value that is not what `shape` says.
  public func reportMistyped(_ node: Node, expected shape: OptionShape) {
    report("mistyped-option", at: node.location, "\(subject) takes \(shape.summary), found \(node.kindName)")
  }

  /// Names the option `name` in what `body` reports.
  public func within<Result>(_ name: String, _ body: () -> Result) -> Result {
    let outer = subject
    subject += ".\(name)"
    defer { subject = outer }
    return body()
  }

  /// The text of a scalar, with `${env:NAME}` and `${file:PATH}` replaced by what they stand for; nil after a report.
  /// Text without them is handed on as it is.
  public func text(_ node: Node) -> String? {
    guard let text = node.text, !node.isNull else { return nil }
    guard text.contains("${") else { return text }
    do throws(ReferenceProblem) {
      return try SettingReferences.replace(in: text) { reference throws(ReferenceProblem) in
        try builder.resolve(reference)
      }
    } catch {
      report("unresolved-reference", at: node.location, error.message)
      return nil
    }
  }

  /// The block for a list of steps. `MainSteps` are those of no branch: every message passes them that comes to the
  /// component.
  public func block(_ node: Node, isBranch: Bool = true) -> Block? {
    builder.block(node, in: self, isBranch: isBranch)
  }

  /// The splitter `name` with its options, for `split`; nil after a report.
  public func splitter(named name: Node, options: Node) -> (any Splitter)? {
    guard case .splitter(let splitter) = builder.component(.splitter, named: name, options: options, in: self) else {
      return nil
    }
    return splitter
  }

  /// The destination `name` with its options, for a component that sends messages somewhere; nil after a report.
  func destination(named name: Node, options: Node) -> (any Step)? {
    guard case .step(let step) = builder.component(.destination, named: name, options: options, in: self) else {
      return nil
    }
    return step
  }
}
