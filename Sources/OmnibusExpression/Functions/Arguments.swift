import Omnibus

/// What functions take of their arguments: the value of the right type, or "no such overload".
extension Value {
  func asString() throws(Fault) -> String {
    guard case .string(let value) = self else { throw .noSuchOverload }
    return value
  }

  func asBytes() throws(Fault) -> [UInt8] {
    guard case .bytes(let value) = self else { throw .noSuchOverload }
    return value
  }

  func asInt() throws(Fault) -> Int {
    guard case .int(let value) = self else { throw .noSuchOverload }
    return Int(value)
  }

  func asBool() throws(Fault) -> Bool {
    guard case .bool(let value) = self else { throw .noSuchOverload }
    return value
  }

  func asList() throws(Fault) -> [Value] {
    guard let elements else { throw .noSuchOverload }
    return elements
  }

  func asTimestamp() throws(Fault) -> Timestamp {
    guard case .timestamp(let value) = self else { throw .noSuchOverload }
    return value
  }

  func asOptional() throws(Fault) -> Value? {
    guard case .optional(let value) = self else { throw .noSuchOverload }
    return value
  }
}
