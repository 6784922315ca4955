internal import Synchronization

/// The replay of a dead letter, by which a message comes to its route once more.
public final class Replay: Sendable {
  /// The id of the letter.
  public let letter: String
  /// The route that the letter is of.
  public let route: String
  /// The step that the message is to go on from; nil for one that begins the route anew.
  public let entry: String?
  private let message: MessageID
  private let begun = Mutex<String?>(nil)

  /// The replay of the letter of `message`.
  public init(letter: String, message: MessageID, route: String, entry: String? = nil) {
    self.letter = letter
    self.message = message
    self.route = route
    self.entry = entry
  }

  /// Whether a message within a route is the one that is replayed, rather than a part of it or what another route was sent.
  public func isOf(_ message: Message, in route: String) -> Bool { message.id == self.message && route == self.route }

  /// Says that a revision of the route takes the message.
  public func begin(on revision: String) { begun.withLock { $0 = revision } }

  /// The revision that took the message; nil as long as none has.
  public var revision: String? { begun.withLock { $0 } }
}
