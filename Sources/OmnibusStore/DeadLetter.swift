public import Omnibus

/// Messages that could not be worked on, kept until somebody decides.
public protocol DeadLetterStore: Sendable {
  /// Keeps a letter. One of the same message as the letter that is kept under its id adds to that one's history; one of
  /// another message is kept beside it, as `ID#2`, `ID#3` and so on.
  func keep(_ letter: DeadLetter) async throws

  /// The letters that `filter` lets through, by their ids, which for ids of messages is the oldest first; those behind the
  /// id `after`, whether that one is still kept or not, at most `limit`; without their messages' bodies.
  func deadLetters(_ filter: DeadLetterFilter, after: String?, limit: Int) async throws -> [DeadLetter]

  /// A letter; nil where it is not kept. Its message has body and properties only `withBody`: without it the body is not
  /// even read, so neither its size nor damage to it matters.
  func deadLetter(_ id: String, withBody: Bool) async throws -> DeadLetter?

  /// Removes a letter: it was replayed, or somebody decided to drop it. False where it was not kept.
  func removeDeadLetter(_ id: String) async throws -> Bool

  /// Removes a letter that is still as it was read: false where it was removed, or has failed again since.
  func removeDeadLetter(_ letter: DeadLetter) async throws -> Bool

  /// How many letters are kept, by route.
  func deadLetterCounts() async throws -> [String: Int]
}

/// A message that could not be worked on, as it came in, with why and where it failed.
public struct DeadLetter: Sendable {
  /// A time that it failed.
  public struct Attempt: Sendable, Equatable {
    /// When, in seconds since 1970.
    public var time: Double
    /// The revision of the route.
    public var revision: String
    /// The step that failed.
    public var step: String?
    /// The component that failed.
    public var component: String?
    /// The kind of the failure.
    public var kind: Failure.Kind
    /// Why, without values of the message.
    public var reason: String
    /// How often it was tried this time.
    public var tries: Int

    /// A failed attempt.
    public init(
      time: Double, revision: String, step: String?, component: String?, kind: Failure.Kind, reason: String, tries: Int
    ) {
      self.time = time
      self.revision = revision
      self.step = step
      self.component = component
      self.kind = kind
      self.reason = reason
      self.tries = tries
    }

    /// How much of a reason is kept: a route may put anything there.
    private static let longestReason = 2000

    /// A failure as an attempt.
    public init(_ failure: Failure, revision: String, tries: Int, time: Double) {
      self.init(
        time: time, revision: revision, step: failure.step, component: failure.component, kind: failure.kind,
        reason: String(failure.loggedReason.prefix(Self.longestReason)), tries: tries)
    }
  }

  /// Names the letter, as `id(of:in:)` does; for a message of a queue with the queue and the sequence behind that.
  public var id: String
  /// The route that it failed in.
  public var route: String
  /// The step that the message goes on from when it is replayed; nil where it begins the route anew.
  public var entry: String?
  /// The message as it came in, with its properties. In lists, and where only metadata is asked for, body and properties
  /// are empty.
  public var message: Message
  /// How many bytes the body has.
  public var size: Int
  /// When the engine first took it: seconds since 1970.
  public var received: Double
  /// Each time that it failed, the first one first: replays add to it.
  public var attempts: [Attempt]

  /// A letter.
  public init(
    id: String, route: String, entry: String? = nil, message: Message, size: Int, received: Double, attempts: [Attempt]
  ) {
    self.id = id
    self.route = route
    self.entry = entry
    self.message = message
    self.size = size
    self.received = received
    self.attempts = attempts
  }

  /// The id of the letter of a message in a route, `MESSAGE@ROUTE`: a message may fail in several routes, and is then as many
  /// letters.
  public static func id(of message: Message, in route: String) -> String { "\(message.id)@\(route)" }

  /// Whether both are letters of one message: its id, headers, body and properties are the same, as is the step that it
  /// goes on from. The property `queue` may differ, which counts attempts.
  public func isOfSameMessage(as other: DeadLetter) -> Bool {
    guard route == other.route, entry == other.entry, message.id == other.message.id,
      message.headers.elementsEqual(other.message.headers, by: { $0.name == $1.name && $0.value == $1.value }),
      Self.texts(of: message.properties) == Self.texts(of: other.message.properties),
      let body = try? message.bodyBytes(), let others = try? other.message.bodyBytes()
    else { return false }
    return body == others
  }

  private static func texts(of properties: Properties) -> [String: [UInt8]] {
    var texts: [String: [UInt8]] = [:]
    for (name, value) in properties.entries where name != "queue" {
      texts[name] = try? JSONDocument(value).serialize()
    }
    return texts
  }
}

/// Which dead letters are meant; nil lets all through.
public struct DeadLetterFilter: Sendable, Equatable {
  /// The letters of a route.
  public var route: String?
  /// Those whose last failure is of a kind.
  public var kind: Failure.Kind?
  /// Those that failed last at this time or later: seconds since 1970.
  public var since: Double?
  /// Those that failed last before this time.
  public var before: Double?

  /// A filter.
  public init(route: String? = nil, kind: Failure.Kind? = nil, since: Double? = nil, before: Double? = nil) {
    self.route = route
    self.kind = kind
    self.since = since
    self.before = before
  }
}
