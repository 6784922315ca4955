import Omnibus

/// A function with one way to call it. Those of one name differ in how many arguments they take, or in whether one is
/// written before the name.
struct Function: Sendable {
  /// One choice of argument and result types.
  struct Signature: Sendable {
    let parameters: [ExpressionType]
    let result: ExpressionType
  }

  /// How it is computed. Arguments are resolved; what is thrown without a place is placed at the call.
  enum Body: Sendable {
    case nullary(@Sendable (inout Frame) throws(Fault) -> Value)
    case unary(@Sendable (Value, inout Frame) throws(Fault) -> Value)
    case binary(@Sendable (Value, Value, inout Frame) throws(Fault) -> Value)
    case ternary(@Sendable (Value, Value, Value, inout Frame) throws(Fault) -> Value)
    /// Any number of arguments, at least this one.
    case variadic(minimum: Int, @Sendable ([Value], inout Frame) throws(Fault) -> Value)
  }

  /// The name, with its namespace: `size`, `math.greatest`.
  let name: String
  /// Whether it is written after its first argument and a dot.
  let isMember: Bool
  /// What it takes; empty where it takes anything.
  let signatures: [Signature]
  let body: Body

  /// How many arguments it takes, what stands before the dot counted; nil for any number from the minimum on.
  var count: Int? {
    switch body {
    case .nullary: 0
    case .unary: 1
    case .binary: 2
    case .ternary: 3
    case .variadic: nil
    }
  }

  /// Whether it takes `count` arguments.
  func takes(_ count: Int) -> Bool {
    if case .variadic(let minimum, _) = body { count >= minimum } else { self.count == count }
  }
}

extension Function {
  /// A function that is written before its arguments.
  static func global(_ name: String, _ signatures: [Signature] = [], _ body: Body) -> Function {
    Function(name: name, isMember: false, signatures: signatures, body: body)
  }

  /// A function that is written after its first argument.
  static func member(_ name: String, _ signatures: [Signature] = [], _ body: Body) -> Function {
    Function(name: name, isMember: true, signatures: signatures, body: body)
  }
}

/// `[.string, .int] => .string`.
infix operator => : AssignmentPrecedence

func => (parameters: [ExpressionType], result: ExpressionType) -> Function.Signature {
  Function.Signature(parameters: parameters, result: result)
}
