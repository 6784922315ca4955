internal import Omnibus
internal import OmnibusExpression
internal import OmnibusHTTP

/// Where a message is sent: the address of the system with the path and the query made for the message.
struct Target {
  private let base: String
  private let path: TextTemplate
  private let query: [(key: String, value: TextTemplate)]
  /// The whole address, where it is the same for every message.
  private let fixed: String?

  init(_ options: RESTDestinationOptions) {
    let url = options.url
    path = options.path
    var query = options.query.entries.map { (key: PercentEncoding.encode($0.key), value: $0.value) }
    if case .key(let key) = options.auth, case .query(let name) = key.place {
      query.append((PercentEncoding.encode(name), TextTemplate(key.key.reveal)))
    }
    self.query = query
    base = url.hasSuffix("/") && path.constant != "" ? String(url.dropLast()) : url
    fixed = query.isEmpty ? path.constant.map { [base] in base + Self.rooted(PercentEncoding.encode(path: $0)) } : nil
  }

  /// The address for `message`.
  func url(_ message: inout Message, _ context: Context) throws(Failure) -> String {
    if let fixed { return fixed }
    let made = try path.evaluate(&message, context, encoding: { PercentEncoding.encode($0) })
    guard !made.split(separator: "/").contains(where: { $0 == "." || $0 == ".." }) else {
      throw Failure(.invalid, "the path holds a segment of dots, which would lead out of it")
    }
    var url = base + Self.rooted(PercentEncoding.encode(path: made))
    var separator = "?"
    for (name, value) in query {
      url += separator + name + "=" + PercentEncoding.encode(try value.evaluate(&message, context))
      separator = "&"
    }
    return url
  }

  private static func rooted(_ path: String) -> String { path.isEmpty || path.hasPrefix("/") ? path : "/\(path)" }
}
