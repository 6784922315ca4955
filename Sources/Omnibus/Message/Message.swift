/// What a route moves: an id, headers, a body, and properties that never leave the engine.
public struct Message: Sendable {
  /// Names this message in logs, traces and stores; parts of a split carry the id of the whole with their index.
  public var id: MessageID
  /// What travels with the body: as it came in, and as steps set it.
  public var headers: Headers
  /// The payload.
  public var body: Body
  /// What steps tell later steps of the same route: answers' status, captures, where a record came from.
  public var properties: Properties
  /// How the message came to its route; nil where its source has nothing to say of that.
  public var delivery: Delivery?
  /// Where it stands in a trace; nil where it is in none. Destinations that can hand it on write it into what they send.
  public var trace: TraceContext?
  /// What is measured of it beside what is counted of all.
  package var watch: MessageWatch = []

  /// A message with a new id.
  public init(
    id: MessageID = MessageID(), headers: Headers = Headers(), body: Body = .empty,
    properties: Properties = Properties()
  ) {
    self.id = id
    self.headers = headers
    self.body = body
    self.properties = properties
  }

  /// The body's media type, from the header `content-type`.
  public var contentType: String? {
    get { headers["content-type"] }
    set { headers["content-type"] = newValue }
  }
}
