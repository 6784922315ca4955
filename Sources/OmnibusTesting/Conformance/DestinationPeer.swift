public import Omnibus

/// What a destination sends to, as its conformance suite needs it. The suite makes a new one for each check.
public protocol DestinationPeer: Sendable {
  /// The options of a destination that sends to this peer.
  var options: Configuration { get }

  /// What the engine lends a destination for this peer, such as a store. Nothing by default.
  var services: Services { get }

  /// What has come in and was kept, whole messages only, in any order.
  func arrivals() async throws -> [Arrival]

  /// Makes the peer behave so for the messages to come, and comes back when it does; false where this peer, or any of its
  /// kind, cannot.
  func become(_ state: PeerState) async throws -> Bool

  /// The kinds of failures that a message may end with in this state of the peer. By default those that the state itself
  /// says; narrow them to what the component's page promises.
  func kinds(of state: PeerState) -> Set<Failure.Kind>

  /// Whether an answer has the body that was sent, so that the suite sees whether answers are mixed up. False by default.
  var echoes: Bool { get }
  /// Whether the destination gives up by itself on a peer that hangs, on its own clock or on the system's. False by
  /// default.
  var timesOut: Bool { get }
  /// Whether a message that is sent twice is meant to arrive twice; false where the second is refused, as a file that is
  /// there already is. True by default.
  var takesRepeats: Bool { get }
  /// Whether a stream, as a body, is sent piece by piece; false where it is refused, or read into memory up to a bound.
  /// True by default.
  var takesStreams: Bool { get }
}

extension DestinationPeer {
  /// Nothing.
  public var services: Services { Services() }
  /// Those that the state itself says.
  public func kinds(of state: PeerState) -> Set<Failure.Kind> { state.kinds }
  /// Answers have bodies of their own.
  public var echoes: Bool { false }
  /// It waits as long as the peer does.
  public var timesOut: Bool { false }
  /// It arrives twice.
  public var takesRepeats: Bool { true }
  /// It is sent piece by piece.
  public var takesStreams: Bool { true }
}

/// How the other side of a destination is.
public enum PeerState: String, Sendable, CaseIterable {
  /// It takes messages.
  case well
  /// It answers that it does not take this message.
  case refusing
  /// It answers that it is overloaded or down for now.
  case overloaded
  /// It is not there: connections are refused, the folder cannot be had.
  case away
  /// It takes what is sent, and says nothing.
  case hanging
  /// It answers what is no answer in its protocol.
  case nonsense
  /// It breaks off in the middle of its answer, or before it.
  case breaking

  /// What failures have to tell of it, unless a component says more.
  var kinds: Set<Failure.Kind> {
    switch self {
    case .well: []
    case .refusing: [.invalid, .rejected, .unauthorized]
    case .overloaded: [.overloaded, .unavailable]
    case .away: [.unavailable]
    case .hanging: [.timeout, .outcomeUnknown]
    case .nonsense: [.rejected, .unavailable, .outcomeUnknown]
    case .breaking: [.unavailable, .outcomeUnknown]
    }
  }
}

/// A message that has come to a peer.
public struct Arrival: Sendable {
  /// Its body; empty where only its size was kept.
  public var body: [UInt8]
  /// The size of its body in bytes.
  public var size: Int
  /// What the peer would know a message by that it has got already, such as an idempotency key; nil where its protocol has
  /// nothing of that kind.
  public var key: String?

  /// A message with its body.
  public init(_ body: [UInt8], key: String? = nil) {
    self.body = body
    self.key = key
    size = body.count
  }

  /// A message of which only the size was kept. Bodies beyond some megabytes must be told so: the suite streams a large
  /// one, and measures the memory of the process that the peer runs in, too.
  public init(size: Int, key: String? = nil) {
    body = []
    self.size = size
    self.key = key
  }

  /// The message with this body, of which a stream is read to its end, and kept up to 4 MiB.
  public init(reading body: Body, key: String? = nil) async throws {
    guard case .stream(let stream) = body else {
      self.init(try Message(body: body).bodyBytes(), key: key)
      return
    }
    try stream.claim()
    var (kept, size) = ([UInt8](), 0)
    while let piece = try await stream.next() {
      size += piece.count
      if size <= 4 << 20 { kept += piece }
    }
    if kept.count == size { self.init(kept, key: key) } else { self.init(size: size, key: key) }
  }
}
