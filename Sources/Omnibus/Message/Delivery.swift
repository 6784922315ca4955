/// How a message came to its route: what its source knows of it beside the message itself. All copies of the message, and
/// the parts of a split, refer to the same one.
public final class Delivery: Sendable {
  /// Names what the source hands on, the same each time it does so again: `queue orders 1234`. What a destination does
  /// under this name and the step's is done once, where it can commit both together. Nil where nothing comes again.
  public let key: String?
  /// How often the source has handed the message on, this time counted.
  public let attempt: Int
  /// When the engine first took the message: seconds since 1970.
  public let received: Double
  /// The replay that this is; nil for a message that comes from a source.
  public let replay: Replay?
  /// The permits that were taken before the message was; nil where there are none.
  public let admission: Admission?

  /// The id of the dead letter that is replayed; nil for a message that comes from a source.
  public var deadLetter: String? { replay?.letter }

  /// What a source knows of a message.
  public init(
    key: String? = nil, attempt: Int = 1, received: Double, replay: Replay? = nil, admission: Admission? = nil
  ) {
    self.key = key
    self.attempt = attempt
    self.received = received
    self.replay = replay
    self.admission = admission
  }
}
