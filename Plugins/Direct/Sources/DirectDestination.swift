internal import Omnibus

/// Sends the message to the route that takes the name, in the same task, and waits for its reply: the reply's body and
/// content type replace those of the message, its headers and status are in `properties.<step id>`.
struct DirectDestination: Step {
  /// How many routes may call each other in one chain; more is a circle.
  static let depthLimit: Int64 = 32

  let name: String
  let routes: DirectRoutes

  func process(_ message: inout Message, _ context: Context) async throws -> Next {
    let depth = (message.properties["direct"]?.member("depth")?.int).map(Int64.init) ?? 0
    guard depth < Self.depthLimit else {
      throw Failure(
        .internal, "direct \"\(name)\" was called through \(depth) routes, which call each other in a circle")
    }
    guard let entry = routes.begin(name) else {
      throw Failure(.unavailable, "no route takes messages from direct \"\(name)\"")
    }
    defer { entry.end() }
    var inner = Message(id: message.id, headers: message.headers, body: message.body)
    inner.trace = message.trace
    inner.properties["direct"] = .map(ValueMap([("name", .string(name)), ("depth", .int(depth + 1))]))
    let next = try await entry.deliver(&inner)
    message.take(reply: inner, next, of: context.step)
    return .next
  }
}

extension Message {
  /// A route that stopped early, or ended in a one-way destination, answers without a body.
  fileprivate mutating func take(reply: Message, _ next: Next, of step: String) {
    let isEmpty = next != .next
    body = isEmpty ? .empty : reply.body
    contentType = isEmpty ? nil : reply.contentType
    var headers = ValueMap()
    for (name, value) in reply.headers { headers[name.lowercased()] = .string(value) }
    var answer = ValueMap([("headers", .map(headers))])
    answer["status"] = reply.properties["status"]
    properties[step] = .map(answer)
  }
}
