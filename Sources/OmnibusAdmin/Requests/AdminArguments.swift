internal import Omnibus
internal import OmnibusExpression
internal import OmnibusHTTP

/// What a request says in its query or its body, checked by the fields that its endpoint declares: what is not declared
/// is refused, for a filter that is misspelt must not let everything through.
struct AdminArguments: Sendable {
  private var values: [String: Value] = [:]

  /// The parameters of a query (url.spec.whatwg.org, 5.1).
  init(query: String, _ fields: [AdminField]) throws(AdminProblem) {
    for pair in query.utf8.split(separator: UInt8(ascii: "&")) {
      let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
      guard let name = Self.decode(pair[..<equals]), let text = Self.decode(pair[equals...].dropFirst()) else {
        throw .invalid("the query is not well-formed")
      }
      guard let field = fields.first(where: { $0.name == name }) else {
        throw .invalid("the query has a parameter that is not known; known are \(Self.names(fields))")
      }
      guard values[name] == nil else { throw .invalid("the parameter \(name) comes twice") }
      values[name] = try Self.check(text: text, field)
    }
    try requireAll(fields)
  }

  /// The members of a body of JSON; none where it is empty.
  init(body: [UInt8], _ fields: [AdminField]) throws(AdminProblem) {
    if !body.isEmpty {
      let root: Value
      do throws(Failure) { root = try JSONDocument(parsing: body).root } catch { throw .invalid(error.reason) }
      self = try AdminArguments(object: root, fields, "the body")
    } else {
      try requireAll(fields)
    }
  }

  private init(object: Value, _ fields: [AdminField], _ place: String) throws(AdminProblem) {
    guard case .json(let node) = object, node.kind == .object else { throw .invalid("\(place) is no JSON object") }
    var members: [(String, JSONNode)] = []
    node.forEachMember { members.append(($0, $1)) }
    for (name, value) in members {
      guard let field = fields.first(where: { $0.name == name }) else {
        throw .invalid("\(place) has a member that is not known; known are \(Self.names(fields))")
      }
      values[name] = try Self.check(.json(value), field)
    }
    try requireAll(fields)
  }

  /// Whether it is said.
  func has(_ name: String) -> Bool { values[name] != nil }

  func text(_ name: String) -> String? { values[name]?.string }
  func number(_ name: String) -> Int? { values[name]?.int }
  func flag(_ name: String) -> Bool { if case .bool(true)? = values[name] { true } else { false } }
  func rate(_ name: String) -> Rate? { text(name).flatMap(Self.rate(of:)) }
  func duration(_ name: String) -> Duration? { if case .duration(let value)? = values[name] { value } else { nil } }

  /// Seconds since 1970.
  func time(_ name: String) -> Double? {
    guard case .timestamp(let time)? = values[name] else { return nil }
    return Double(time.seconds) + Double(time.nanoseconds) / 1e9
  }

  /// The objects of a list.
  func objects(_ field: AdminField) throws(AdminProblem) -> [AdminArguments] {
    guard case .objects(let fields, let count) = field.kind, case .json(let list)? = values[field.name] else {
      return []
    }
    var objects: [AdminArguments] = []
    for element in JSONElements(of: list) {
      guard objects.count < count else { throw .invalid("\(field.name) has more than \(count) elements") }
      objects.append(try AdminArguments(object: .json(element), fields, "an element of \(field.name)"))
    }
    return objects
  }

  private func requireAll(_ fields: [AdminField]) throws(AdminProblem) {
    for field in fields where field.isRequired && values[field.name] == nil {
      throw .invalid("\(field.name) is missing")
    }
  }

  private static func names(_ fields: [AdminField]) -> String {
    fields.isEmpty ? "none" : fields.map(\.name).joined(separator: ", ")
  }

  private static func decode(_ text: Substring.UTF8View) -> String? {
    PercentEncoding.decode(text, isForm: true).flatMap { String(validating: $0, as: UTF8.self) }
  }

  /// A value as a query writes it.
  private static func check(text: String, _ field: AdminField) throws(AdminProblem) -> Value {
    switch field.kind {
    case .flag:
      guard let flag = Bool(text) else { throw .invalid("\(field.name) is true or false") }
      return .bool(flag)
    case .number: return try check(Int64(text).map(Value.int) ?? .string(text), field)
    default: return try check(.string(text), field)
    }
  }

  private static func check(_ value: Value, _ field: AdminField) throws(AdminProblem) -> Value {
    let value = value.resolved
    switch (field.kind, value) {
    case (.text(let length), .string(let text)) where text.utf8.count <= length && !text.utf8.contains(0): return value
    case (.flag, .bool): return value
    case (.number(let range), _): if let number = value.int, range.contains(number) { return value }
    case (.words(let words), .string(let text)) where words.contains(text): return value
    case (.time, .string(let text)): if let time = TimeText.timestamp(text) { return .timestamp(time) }
    case (.duration(let max), .string(let text)):
      if let duration = TimeText.duration(text), duration >= .zero, duration <= max { return .duration(duration) }
    case (.rate, .string(let text)): if rate(of: text) != nil { return value }
    case (.objects, .json(let node)) where node.kind == .array: return value
    default: break
    }
    throw .invalid("\(field.name) is \(field.kind.words)")
  }

  /// `10/s`.
  private static func rate(of text: String) -> Rate? {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0].utf8.allSatisfy({ $0 &- 0x30 < 10 }), let count = Int(parts[0]), count > 0,
      let unit = ["s": Duration.seconds(1), "m": .seconds(60), "h": .seconds(3600)][parts[1]]
    else { return nil }
    return Rate(count: count, per: unit)
  }
}

extension AdminField.Kind {
  /// What is expected, in words.
  fileprivate var words: String {
    switch self {
    case .text(let length): "a text of at most \(length) bytes"
    case .flag: "true or false"
    case .number(let range): "a whole number, \(range.lowerBound) to \(range.upperBound)"
    case .duration(let max): "a duration such as 10s, at most \(max.text)"
    case .time: "a time such as 2024-05-01T12:30:00Z"
    case .rate: "a rate such as 10/s"
    case .words(let words): words.count == 1 ? words[0] : "one of \(words.joined(separator: ", "))"
    case .objects: "a list of objects"
    }
  }
}
