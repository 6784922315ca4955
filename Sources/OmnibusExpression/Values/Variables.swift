import Omnibus

extension Frame {
  /// The value of a variable of the expression.
  func variable(_ variable: VariableScope.Variable) throws(Fault) -> Value {
    switch variable {
    case .body: return body
    case .headers: return .map(ValueMap(message.pointee.headers.map { ($0.name, Value.string($0.value)) }))
    case .properties:
      return .map(ValueMap(message.pointee.properties.entries.map { ($0.name, $0.value) }))
    case .message:
      var map = ValueMap([("id", .string(message.pointee.id.description))])
      if let type = message.pointee.contentType { map["content_type"] = .string(type) }
      return .map(map)
    case .route:
      guard let context else { throw Fault("there is no route here") }
      return .map(
        ValueMap([
          ("id", .string(context.route)), ("revision", .string(context.revision)), ("step", .string(context.step)),
        ]))
    case .failure:
      guard let failure = message.pointee.properties["failure"] else { throw Fault("there is no failure here") }
      return failure
    case .bound(let name):
      guard let value = bindings[name] else { throw Fault("no such attribute: \(name) has no value") }
      return value
    }
  }
}
