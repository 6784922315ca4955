public import Omnibus

/// What became of the replay of one dead letter.
public struct ReplayResult: Sendable, Equatable {
  /// How it ended.
  public enum Outcome: Sendable, Equatable {
    /// The route has worked on the message; the letter is gone.
    case replayed
    /// The message failed again; the letter is kept, with one attempt more unless the work was given up.
    case failed(Failure.Kind, reason: String)
    /// Nothing was done, and why: the letter is not kept, its route or the revision that was asked for is gone.
    case refused(String)
  }

  /// The letter.
  public var letter: String
  /// Its route; nil where it is not kept.
  public var route: String?
  /// The revision that the message ran on; nil where it did not run.
  public var revision: String?
  /// How it ended.
  public var outcome: Outcome

  /// A result.
  public init(letter: String, route: String?, revision: String?, outcome: Outcome) {
    self.letter = letter
    self.route = route
    self.revision = revision
    self.outcome = outcome
  }
}
