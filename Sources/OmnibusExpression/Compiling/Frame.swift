import Omnibus

/// What one evaluation works on.
struct Frame {
  /// How much work an evaluation may do: a unit is an element visited or some bytes copied.
  static let limit = 10_000_000

  /// The message; valid while the evaluation lasts.
  let message: UnsafePointer<Message>
  /// Where the expression stands; nil outside of routes.
  let context: Context?
  /// Variables by name, for expressions outside of routes.
  let bindings: [String: Value]
  /// What `body` is.
  let body: Value
  /// Where a body of JSON starts; held alive by `body`.
  let json: JSONCursor?
  /// The variables of macros.
  var locals: [Value]
  /// What went wrong with variables of `cel.block`.
  var faults: [Int: Fault] = [:]
  private var budget = Frame.limit

  init(
    message: UnsafePointer<Message>, context: Context?, bindings: [String: Value], body: Value, locals: Int
  ) {
    self.message = message
    self.context = context
    self.bindings = bindings
    self.body = body
    json = if case .json(let node) = body { JSONCursor(node) } else { nil }
    self.locals = locals == 0 ? [] : Array(repeating: .null, count: locals)
  }

  /// Counts work, and ends an evaluation that does too much.
  mutating func charge(_ units: Int) throws(Fault) {
    budget &-= units
    if budget < 0 { throw Fault("the expression does more work than is allowed (\(Self.limit) steps)") }
  }

  /// Counts that up to `count` members or elements of a text are passed over on the way to one; it takes a few to count.
  @inline(__always)
  mutating func charge(passing count: Int) throws(Fault) {
    if count > 64 { try charge(count / 4) }
  }

  /// Counts the making of `count` bytes.
  mutating func charge(bytes count: Int) throws(Fault) { try charge(1 + count >> 3) }
}
