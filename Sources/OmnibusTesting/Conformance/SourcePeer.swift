public import Omnibus

/// The outside world of a source, as its conformance suite needs it: where the source takes messages from, and what their
/// sender sees. The suite makes a new one for each check.
public protocol SourcePeer: Sendable {
  /// The options of a source that takes from this peer.
  var options: Configuration { get }

  /// What the engine lends a source for this peer, such as a store. Nothing by default.
  var services: Services { get }

  /// Sends one message, and comes back once it is on its way; what becomes of it the result tells.
  func send(_ body: [UInt8]) async throws -> SentMessage

  /// Sends a body of about `count` bytes that is made as it is sent, to a source that hands it on as a stream; nil where
  /// bodies are never streams, which is the default.
  func send(streamOf count: Int) async throws -> SentMessage?

  /// Headers that each message of this peer has to have; none by default.
  var headers: Headers { get }
  /// Whether bodies can be sent; false for a timer and its like, whose messages are empty. The default is true.
  var sendsBodies: Bool { get }
  /// Whether a sender sees that a message was acknowledged or refused. The default is true.
  var showsOutcome: Bool { get }
  /// How many messages may be under way at once where none of them ends; nil, the default, where every sender waits for its
  /// own.
  var mostUnderWay: Int? { get }
  /// Whether what was under way when a source was cancelled comes again to the next one. The default is false.
  var comesAgain: Bool { get }
  /// The largest body that may come in; a larger one is refused without being handed on. Nil, the default, for no bound.
  var largestBody: Int? { get }
  /// Options with which `prepare` must fail, such as a folder that is not there; nil, the default, where it cannot fail.
  var unusableOptions: Configuration? { get }
  /// How far the suite moves the clock with each look: as long as the source waits between its own looks. The default is
  /// 100 ms; zero where the peer moves the clock itself.
  var step: Duration { get }
}

extension SourcePeer {
  /// Nothing.
  public var services: Services { Services() }
  /// Bodies are never streams.
  public func send(streamOf count: Int) async throws -> SentMessage? { nil }
  /// None.
  public var headers: Headers { Headers() }
  /// They can.
  public var sendsBodies: Bool { true }
  /// A sender sees it.
  public var showsOutcome: Bool { true }
  /// Every sender waits for its own.
  public var mostUnderWay: Int? { nil }
  /// It does not.
  public var comesAgain: Bool { false }
  /// There is no bound.
  public var largestBody: Int? { nil }
  /// Preparing cannot fail.
  public var unusableOptions: Configuration? { nil }
  /// A tenth of a second.
  public var step: Duration { .milliseconds(100) }
}

/// A message that a peer has sent, and what its sender sees of it.
public struct SentMessage: Sendable {
  /// What the sender sees.
  public enum Outcome: Sendable, Equatable {
    /// Nothing yet: no answer, the file is where it was.
    case pending
    /// It was worked on.
    case acknowledged
    /// It was not, and the sender knows: an error answer, a broken connection, a file in `failed`.
    case refused
  }

  private let look: @Sendable () async -> Outcome

  /// A message whose outcome shows where one looks, as that of a file does by the folder it is in.
  public static func watched(_ look: @escaping @Sendable () async -> Outcome) -> SentMessage {
    SentMessage(look: look)
  }

  /// A message whose outcome is an answer, for which `exchange` waits in a task of its own. What it throws counts as
  /// refused.
  public static func answered(_ exchange: @escaping @Sendable () async throws -> Outcome) -> SentMessage {
    let work = Work { try await exchange() }
    return SentMessage {
      switch work.result {
      case nil: .pending
      case .success(let outcome): outcome
      case .failure: .refused
      }
    }
  }

  /// What the sender sees now.
  public func outcome() async -> Outcome { await look() }
}
