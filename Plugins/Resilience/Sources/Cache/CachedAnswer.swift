internal import Omnibus

/// What became of a message, to be given to another one: the body with its type, and the headers and properties that
/// were changed.
struct CachedAnswer: Sendable {
  /// The bytes that it takes, nearly.
  let size: Int
  private let next: Next
  private let body: Body
  private let headers: [(name: String, values: [String])]
  private let properties: [(name: String, value: Value?)]

  /// The difference between a message as it came in and as it went out; nil where its body is a stream, which can be read
  /// once, or has no bytes.
  init?(_ next: Next, from before: Message, to after: Message) {
    if case .stream = after.body { return nil }
    guard let bytes = try? after.bodyBytes().count else { return nil }
    self.next = next
    body = after.body
    // The type goes with the body, whatever that of the other message is.
    let names = Set((before.headers.map(\.name) + after.headers.map(\.name)).map { $0.lowercased() })
    headers = names.filter { $0 == "content-type" || before.headers.values($0) != after.headers.values($0) }
      .sorted().map { ($0, after.headers.values($0)) }
    let changed = after.properties.entries.filter { !Self.isSame(before.properties[$0.name], $0.value) }
    let removed = before.properties.entries.filter { after.properties[$0.name] == nil }
    properties = changed.map { ($0.name, $0.value) } + removed.map { ($0.name, nil) }
    var size = 256 + Self.room(of: after.body, bytes: bytes)
    for header in headers { size += header.values.reduce(64 + header.name.utf8.count) { $0 + 32 + $1.utf8.count } }
    for property in properties { size += 64 + property.name.utf8.count + Self.length(property.value) }
    self.size = size
  }

  /// Makes of a message what became of the other one.
  func give(to message: inout Message) -> Next {
    message.body = body
    for (name, values) in headers {
      message.headers.remove(name)
      for value in values { message.headers.append(name, value) }
    }
    for (name, value) in properties { message.properties[name] = value }
    return next
  }

  private static func isSame(_ former: Value?, _ value: Value) -> Bool {
    guard let former, let old = try? former.jsonBytes(), let new = try? value.jsonBytes() else { return false }
    return old == new
  }

  private static func length(_ value: Value?) -> Int { value.flatMap { try? $0.jsonBytes().count } ?? 0 }

  /// A document holds its bytes and an index over them, or values.
  private static func room(of body: Body, bytes: Int) -> Int { if case .document = body { 3 * bytes } else { bytes } }
}
