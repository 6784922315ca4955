public import Omnibus

/// Values as JSON, without loss: what JSON cannot say stands as `{"type": …, "value": …}` with the name that `type()`
/// gives. So stand uints, bytes (base64), doubles that are not finite, timestamps (RFC 3339), durations (`1.5s`),
/// types, optional values (without `value` where there is none), decimals that are whole, and maps with other keys than
/// strings or of that very form (as a list of pairs).
public enum TaggedValue {
  /// The JSON text for a value.
  public static func encode(_ value: Value) throws(Failure) -> [UInt8] { try tagged(value).jsonBytes() }

  /// The value for JSON text. Whole numbers that fit are ints, other plain numbers doubles.
  public static func decode(_ value: Value) throws(Failure) -> Value {
    let value = value.resolved
    if let elements = value.elements {
      var list: [Value] = []
      for element in elements { list.append(try decode(element)) }
      return .list(list)
    }
    if case .decimal(let number) = value { return .double(number.double) }
    guard let members = value.members else { return value }
    if let name = value.member("type")?.string, members.count <= 2, members.count == 1 || value.member("value") != nil,
      let typed = try typed(name, value.member("value")?.resolved)
    {
      return typed
    }
    var map = ValueMap()
    for (key, member) in members { map.append(uniqueKey: key, try decode(member)) }
    return .map(map)
  }

  /// The name of a value's type, as `type()` gives it.
  public static func typeName(_ value: Value) -> String { value.typeName }

  // MARK: encoding

  private static func tagged(_ value: Value) throws(Failure) -> Value {
    let value = value.resolved
    switch value {
    case .null, .bool, .int, .string: return value
    case .double(let number): return number.isFinite ? value : tag(value, .string(DecimalText.text(number)))
    case .decimal(let number):
      return number.text.utf8.allSatisfy { $0 != UInt8(ascii: ".") && $0 | 0x20 != UInt8(ascii: "e") }
        ? tag(value, value) : value
    case .uint, .bytes, .timestamp, .duration: return tag(value, value)
    case .type(let name): return tag(value, .string(name))
    case .optional(let inner):
      guard let inner else { return .map(ValueMap([("type", .string(value.typeName))])) }
      return tag(value, try tagged(inner))
    case .list, .map, .json: break
    }
    if let elements = value.elements {
      var list: [Value] = []
      for element in elements { list.append(try tagged(element)) }
      return .list(list)
    }
    return try taggedMap(value)
  }

  private static func taggedMap(_ value: Value) throws(Failure) -> Value {
    let members = value.members ?? []
    let isPlain = members.allSatisfy { $0.key.string != nil }
    let looksTagged = value.member("type")?.string != nil && members.count <= 2
    if isPlain, !looksTagged {
      var map = ValueMap()
      for (key, member) in members { map.append(uniqueKey: key, try tagged(member)) }
      return .map(map)
    }
    var pairs: [Value] = []
    for (key, member) in members { pairs.append(.list([try tagged(key), try tagged(member)])) }
    return tag(value, .list(pairs))
  }

  private static func tag(_ value: Value, _ content: Value) -> Value {
    .map(ValueMap([("type", .string(value.typeName)), ("value", content)]))
  }

  // MARK: decoding

  /// The value of a type that JSON does not have; nil where `name` is no such type, so that it is a map like others.
  private static func typed(_ name: String, _ content: Value?) throws(Failure) -> Value? {
    switch name {
    case "optional_type", "optional":
      guard let content else { return .optional(nil) }
      return .optional(try decode(content))
    case "type": return content?.string.map(Value.type)
    case "null", "null_type": return .null
    case "list": return try content.map { content throws(Failure) in try decode(content) }
    case "map": return try map(content)
    case "bytes":
      guard let text = content?.string, let bytes = Base64.decode(text) else { throw wrong(name, "base64") }
      return .bytes(bytes)
    case "double":
      if let text = content?.string, ["NaN", "Infinity", "-Infinity"].contains(text) {
        return .double(text == "NaN" ? .nan : text == "Infinity" ? .infinity : -.infinity)
      }
      return try converted(name, content)
    case "bool", "int", "uint", "decimal", "string": return try converted(name, content)
    case "timestamp", "google.protobuf.Timestamp": return try converted("timestamp", content)
    case "duration", "google.protobuf.Duration": return try converted("duration", content)
    default: return nil
    }
  }

  private static func converted(_ name: String, _ content: Value?) throws(Failure) -> Value {
    guard let content, let function = Library.standard.named(name, isMember: false).first,
      case .unary(let convert) = function.body
    else { throw wrong(name, "a value") }
    var message = Message()
    do throws(Fault) {
      return try withUnsafePointer(to: &message) { message throws(Fault) in
        var frame = Frame(message: message, context: nil, bindings: [:], body: .null, locals: 0)
        return try convert(content, &frame)
      }
    } catch {
      throw wrong(name, "a value of that type")
    }
  }

  /// A map as an object, or as a list of pairs.
  private static func map(_ content: Value?) throws(Failure) -> Value {
    guard let pairs = content?.elements else {
      guard let content, content.isMap else { throw wrong("map", "an object or a list of pairs") }
      var map = ValueMap()
      for (key, value) in content.members ?? [] { map.append(uniqueKey: key, try decode(value)) }
      return .map(map)
    }
    var builder = MapBuilder()
    for pair in pairs {
      guard let pair = pair.elements, pair.count == 2 else { throw wrong("map", "pairs of key and value") }
      let key = try decode(pair[0])
      let value = try decode(pair[1])
      do throws(Fault) { try builder.append(key, value) } catch { throw Failure(.invalid, error.reason) }
    }
    return .map(builder.map)
  }

  private static func wrong(_ name: String, _ expected: String) -> Failure {
    Failure(.invalid, "a tagged value of type \(name) holds no such value, expected \(expected)")
  }
}
