import Omnibus

/// Message literals of protobuf's well-known types, which are values of CEL (cel-spec, "Protocol Buffer Data
/// Conversion").
enum WellKnownTypes {
  /// The meaning of a literal `name{…}`; nil for other types and unknown fields.
  static func checked(
    _ name: String, _ fields: [(name: String, value: Checked, isOptional: Bool)], _ span: Span
  ) -> Checked? {
    guard name.hasPrefix("google.protobuf."), Set(fields.map(\.name)).count == fields.count else { return nil }
    let short = String(name.dropFirst("google.protobuf.".count))
    if let zero = wrappers[short] {
      guard fields.count <= 1, fields.allSatisfy({ $0.name == "value" && !$0.isOptional }) else { return nil }
      let value = fields.first?.value ?? Checked(kind: .literal(zero), type: .dyn, span: span)
      return call(
        Function.global(name, [], .unary { value, _ throws(Fault) in try wrapped(value, short) }), [value], span)
    }
    guard let names = members[short], fields.allSatisfy({ names.contains($0.name) && !$0.isOptional }) else {
      return nil
    }
    let order = fields.map(\.name)
    let function = Function.global(
      name, [],
      .variadic(minimum: 0) { values, _ throws(Fault) in
        try made(short, Dictionary(uniqueKeysWithValues: zip(order, values)))
      })
    return call(function, fields.map(\.value), span)
  }

  private static func call(_ function: Function, _ arguments: [Checked], _ span: Span) -> Checked {
    Checked(kind: .call(function, arguments), type: .dyn, span: span)
  }

  private static let wrappers: [String: Value] = [
    "BoolValue": .bool(false), "BytesValue": .bytes([]), "DoubleValue": .double(0), "FloatValue": .double(0),
    "Int32Value": .int(0), "Int64Value": .int(0), "StringValue": .string(""), "UInt32Value": .uint(0),
    "UInt64Value": .uint(0),
  ]

  private static let members: [String: Set<String>] = [
    "Value": ["null_value", "number_value", "string_value", "bool_value", "struct_value", "list_value"],
    "Struct": ["fields"], "ListValue": ["values"], "Timestamp": ["seconds", "nanos"], "Duration": ["seconds", "nanos"],
  ]

  private static func wrapped(_ value: Value, _ type: String) throws(Fault) -> Value {
    let outOfRange = Fault("the number is out of range for \(type)")
    switch (type, value) {
    case ("BoolValue", .bool), ("BytesValue", .bytes), ("DoubleValue", .double), ("Int64Value", .int),
      ("StringValue", .string), ("UInt64Value", .uint):
      return value
    case ("FloatValue", .double(let number)): return .double(Double(Float(number)))
    case ("Int32Value", .int(let number)):
      guard Int32(exactly: number) != nil else { throw outOfRange }
      return value
    case ("UInt32Value", .uint(let number)):
      guard UInt32(exactly: number) != nil else { throw outOfRange }
      return value
    default: throw .noSuchOverload
    }
  }

  private static func made(_ type: String, _ fields: [String: Value]) throws(Fault) -> Value {
    switch type {
    case "Timestamp", "Duration":
      let seconds = try fields["seconds"]?.asInt() ?? 0
      let nanos = try fields["nanos"]?.asInt() ?? 0
      guard nanos.magnitude < 1_000_000_000 else { throw Fault("nanos is out of range") }
      if type == "Duration" {
        return .duration(try TimeLimits.checked(.seconds(seconds) + .nanoseconds(nanos)))
      }
      guard nanos >= 0 else { throw Fault("nanos is out of range") }
      return .timestamp(try Timestamp(seconds: Int64(seconds), nanoseconds: Int32(nanos)).checked())
    case "Struct": return fields["fields"] ?? .map(ValueMap())
    case "ListValue": return fields["values"] ?? .list([])
    default: return fields.first?.value ?? .null
    }
  }
}
