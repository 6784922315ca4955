public import Omnibus

/// An expression in the Common Expression Language (cel-spec), parsed, checked and compiled.
public struct Expression: Sendable {
  private let source: SourceText
  private let evaluation: Evaluate
  private let condition: Test
  private let span: Span
  private let locals: Int
  /// Whether evaluating it may read the body.
  let readsBody: Bool

  /// Compiles a text, or throws all that is wrong with it.
  public init(compiling text: String, variables: VariableScope = .route) throws(ExpressionError) {
    let source = SourceText(text)
    let tree: Syntax
    do throws(ExpressionError.Problem) { tree = try Parser.parse(source) } catch {
      throw ExpressionError(problems: [error])
    }
    try self.init(tree, in: source, variables)
  }

  /// Compiles a tree that was parsed from `source`.
  init(_ tree: Syntax, in source: SourceText, _ variables: VariableScope) throws(ExpressionError) {
    var checker = Checker(source, variables)
    let checked = checker.check(tree)
    guard checker.problems.isEmpty else {
      throw ExpressionError(problems: checker.problems.sorted { $0.range.lowerBound < $1.range.lowerBound })
    }
    let compiler = Compiler()
    self.source = source
    evaluation = compiler.evaluate(checked)
    condition = compiler.test(checked)
    locals = checker.slots
    type = checked.type
    span = tree.extent
    readsBody = checked.readsBody
  }

  /// What is known of the result.
  let type: ExpressionType

  /// Evaluates to any value. The body is decoded first, by its content type, where the expression reads it. Errors are
  /// failures of kind `invalid` with line and column in the expression.
  public func evaluate(_ message: inout Message, _ context: Context) throws(Failure) -> Value {
    try run(&message, context.formats, context, [:], evaluation)
  }

  /// Evaluates outside of a route, with variables of the caller.
  public func evaluate(
    _ message: inout Message, formats: Formats, variables: [String: Value]
  ) throws(Failure) -> Value {
    try run(&message, formats, nil, variables, evaluation)
  }

  /// Evaluates to true or false; another value is a failure of kind `invalid`.
  public func holds(_ message: inout Message, _ context: Context) throws(Failure) -> Bool {
    try run(&message, context.formats, context, [:], condition)
  }

  /// Evaluates to a text: the value by CEL's `string()`. What has no text, null, lists and maps, is a failure of kind
  /// `invalid`.
  func text(_ message: inout Message, _ context: Context) throws(Failure) -> String {
    let value = try evaluate(&message, context).unwrapped
    guard let value = value?.resolved else {
      throw failure(Fault("an absent value cannot stand inside text", at: span))
    }
    do throws(Fault) { return try ConversionFunctions.string(value).asString() } catch {
      let reason =
        error.reason == Fault.noSuchOverload.reason
        ? "a value of type \(value.typeName) cannot stand inside text" : error.reason
      throw failure(Fault(reason, at: span))
    }
  }

  @inline(__always)
  private func run<Result>(
    _ message: inout Message, _ formats: Formats, _ context: Context?, _ bindings: [String: Value],
    _ body: (inout Frame) throws(Fault) -> Result
  ) throws(Failure) -> Result {
    let root = readsBody ? try message.decodedRoot(formats) : .null
    do throws(Fault) {
      return try withUnsafePointer(to: message) { pointer throws(Fault) in
        var frame = Frame(message: pointer, context: context, bindings: bindings, body: root, locals: locals)
        return try body(&frame)
      }
    } catch {
      throw failure(error)
    }
  }

  private func failure(_ fault: Fault) -> Failure {
    let place = source.place(fault.span?.start ?? 0)
    return Failure(.invalid, "\(place.line):\(place.column): \(fault.reason)")
  }
}

extension Message {
  /// What an expression sees as `body`: a document's root, the bytes of unknown content, null for no body.
  fileprivate mutating func decodedRoot(_ formats: Formats) throws(Failure) -> Value {
    if case .bytes = body { try decodeBody(formats) }
    switch body {
    case .document(let document): return document.root
    case .bytes(let bytes): return .bytes(bytes)
    case .empty: return .null
    case .stream: throw Failure(.invalid, "the body is a stream, and an expression needs all of it at once")
    }
  }
}
