import Omnibus

/// A comparison of a place of the body, or of a header, with what is written in the expression: made on the bytes,
/// without Strings and without references.
struct BodyTest {
  let test: Test

  private init(_ test: @escaping Test) { self.test = test }

  private typealias BytesTest = @Sendable (UnsafeBufferPointer<UInt8>) -> Bool

  /// The test that `node` is; nil where it is anything else.
  init?(_ node: Checked, _ compiler: Compiler) {
    switch node.kind {
    case .binary(let operation, let left, let right):
      guard case .literal(let literal) = right.kind else { return nil }
      switch literal {
      case .string(let text) where operation == .equal || operation == .notEqual:
        let bytes = Array(text.utf8)
        let isEqual = operation == .equal
        self.init(left, otherwise: !isEqual, node, compiler) { found in
          bytes.withUnsafeBufferPointer { Text.isEqual(found, $0) } == isEqual
        }
      case .int(let number): self.init(left, operation, number, node, compiler)
      default: return nil
      }
    case .call(let function, let arguments):
      guard let holds = Self.tests[function.name], arguments.count == 2,
        case .literal(.string(let text)) = arguments[1].kind
      else { return nil }
      let bytes = Array(text.utf8)
      self.init(arguments[0], otherwise: nil, node, compiler) { found in
        bytes.withUnsafeBufferPointer { holds(found, $0) }
      }
    case .has(let operand, let name):
      let whole = Checked(kind: .select(operand, name, isOptional: false), type: .dyn, span: node.span)
      guard let path = BodyPath(whole) else { return nil }
      let general = compiler.generalTest(node)
      self.init { frame throws(Fault) in try path.find(&frame) != nil ? true : try general(&frame) }
    default: return nil
    }
  }

  private static let tests: [String: @Sendable (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) -> Bool] = [
    "startsWith": Text.hasPrefix, "endsWith": Text.hasSuffix,
  ]

  /// A test of a string. `otherwise` is the result for values that are no strings; nil leaves them to the general way.
  private init?(
    _ operand: Checked, otherwise: Bool?, _ node: Checked, _ compiler: Compiler, _ holds: @escaping BytesTest
  ) {
    // The general way is compiled only where it is kept, else nested operands would be compiled twice a level.
    if let name = Self.header(operand) {
      let general = compiler.generalTest(node)
      self.init { frame throws(Fault) in
        if let result = frame.message.pointee.headers.withValue(of: name, holds) { return result }
        return try general(&frame)
      }
    } else if let path = BodyPath(operand) {
      let general = compiler.generalTest(node)
      self.init { frame throws(Fault) in
        guard let place = try path.find(&frame) else { return try general(&frame) }
        if let result = place.withString(holds) { return result }
        guard let otherwise else { return try general(&frame) }
        return otherwise
      }
    } else {
      return nil
    }
  }

  /// A comparison with a whole number.
  private init?(
    _ operand: Checked, _ operation: Syntax.Operator, _ number: Int64, _ node: Checked, _ compiler: Compiler
  ) {
    guard !operation.isArithmetic, operation != .in, let path = BodyPath(operand) else { return nil }
    let general = compiler.generalTest(node)
    self.init { frame throws(Fault) in
      guard let found = try path.find(&frame)?.int else { return try general(&frame) }
      return operation.holds(found < number ? -1 : found > number ? 1 : 0)
    }
  }

  private static func header(_ node: Checked) -> String? {
    switch node.kind {
    case .select(let operand, let name, isOptional: false):
      if case .variable(.headers) = operand.kind { return name }
    case .index(let operand, let index, isOptional: false):
      if case .variable(.headers) = operand.kind, case .literal(.string(let name)) = index.kind { return name }
    default: break
    }
    return nil
  }
}
