public import Omnibus

/// What outlives the engine: queues, dead letters, keys of work that was done, generations of routes. What a call has
/// returned from is there after a crash or a loss of power; a call that throws has done nothing, but `outcome_unknown`.
/// Every implementation passes the conformance suite in `OmnibusTesting`.
///
/// Times are seconds since 1970. All failures are `Failure`s: `unavailable` where the store cannot be written (a full
/// disk), `invalid` where a message cannot be kept (a stream), `internal` where what is stored is damaged.
public protocol Store: QueueStore, DeadLetterStore, KeyStore, GenerationStore {
  /// Why the last thing that was to be written was not; nil where it was, and as long as nothing was to be.
  var trouble: Failure? { get }

  /// Ends it: what is under way is finished, later calls are refused as `unavailable`.
  func close() async
}

extension Store {
  /// None.
  public var trouble: Failure? { nil }
}

/// Queues: messages in the order in which they were appended, each worked on by one consumer at a time.
public protocol QueueStore: Sendable {
  /// Appends a message to a queue, which begins to exist by that. An entry whose `effect` was committed before is not
  /// appended again, nor is one under the delivery of a message that has left its queue: its work has ended.
  func append(_ entry: QueueEntry, to queue: String) async throws

  /// Leases up to `count` messages that are ready, oldest first, for `duration`; none where none is ready. Nobody else
  /// gets a message while it is leased, nor another one with the same order key. One whose lease has run out is
  /// ready again.
  func lease(from queue: String, atMost count: Int, for duration: Duration) async throws -> [QueueLease]

  /// Makes a lease last for `duration` from now; false where it is lost: it has run out and the message was leased again,
  /// or may be. A store may let a lease that has run out go on as long as nobody else has the message.
  func extend(_ lease: QueueLease, for duration: Duration) async throws -> Bool

  /// Removes a message that was worked on, and the effects that were committed under its delivery; false where the lease
  /// had run out, which leaves everything as it was.
  func acknowledge(_ lease: QueueLease) async throws -> Bool

  /// Gives a message back, ready again after `delay`; false where the lease had run out, which leaves everything as it was.
  /// Messages with the same order key wait behind it; others pass it. The attempt stays counted unless
  /// `countingAttempt` is false, as for a message that nobody came to work on.
  func release(_ lease: QueueLease, after delay: Duration, countingAttempt: Bool) async throws -> Bool

  /// Makes a leased message a dead letter, in one step, and forgets the effects that were committed under its delivery;
  /// false where the lease had run out, which leaves everything as it was.
  func bury(_ lease: QueueLease, as letter: DeadLetter) async throws -> Bool

  /// Calls `body`, at any thread, whenever messages of the queue may have become ready: appended, released, due, or
  /// their lease run out. The number takes the observer back.
  func onReady(_ queue: String, _ body: @escaping @Sendable () -> Void) async -> Int

  /// Takes an observer back.
  func removeObserver(_ number: Int, of queue: String)

  /// How the queues stand, by name, those that hold nothing included as long as they are known.
  func queues() async throws -> [QueueStatus]

  /// How a queue stands; nil for one that is not known.
  func status(of queue: String) async throws -> QueueStatus?
}

extension QueueStore {
  /// How a queue stands, as `queues` says it.
  public func status(of queue: String) async throws -> QueueStatus? { try await queues().first { $0.name == queue } }
}

/// A message to be appended to a queue.
public struct QueueEntry: Sendable {
  /// The message, its body bytes, a document or nothing. Its id and headers are kept, its properties are not.
  public var message: Message
  /// Messages of the same key are worked on in their order, one at a time; nil for those that need none.
  public var orderKey: String?
  /// How long it is not ready.
  public var delay: Duration
  /// What makes it known when the same delivery comes again; nil for one that is always appended.
  public var effect: Effect?

  /// An entry.
  public init(_ message: Message, orderKey: String? = nil, delay: Duration = .zero, effect: Effect? = nil) {
    self.message = message
    self.orderKey = orderKey
    self.delay = delay
    self.effect = effect
  }

  /// Names something that is done once for each delivery.
  public struct Effect: Sendable, Hashable {
    /// The `key` of the delivery.
    public var delivery: String
    /// What is done: the message's id, route and step.
    public var name: String

    /// An effect of a delivery.
    public init(delivery: String, name: String) {
      self.delivery = delivery
      self.name = name
    }
  }
}

/// A message of a queue that is lent to one consumer for a time.
public struct QueueLease: Sendable {
  /// The queue.
  public let queue: String
  /// The place in the queue; later messages have higher ones.
  public let sequence: Int64
  /// Tells this lease from earlier and later ones of the same message.
  public let token: UInt64
  /// The message. Its `delivery` has the key under which it comes again (`queue NAME SEQUENCE`), the attempt, and when it
  /// was appended.
  public let message: Message
  /// What names the key whose messages are kept in order: the same for all of them, and not always the key itself.
  public let orderKey: String?

  /// A lease.
  public init(queue: String, sequence: Int64, token: UInt64, message: Message, orderKey: String?) {
    self.queue = queue
    self.sequence = sequence
    self.token = token
    self.message = message
    self.orderKey = orderKey
  }
}

/// How a queue stands.
public struct QueueStatus: Sendable, Equatable {
  /// Its name.
  public var name: String
  /// All messages in it.
  public var depth: Int
  /// Those of them that are leased.
  public var leased: Int
  /// Those of them that are not ready yet.
  public var delayed: Int
  /// When the oldest was appended; nil where it is empty.
  public var oldest: Double?

  /// A status.
  public init(name: String, depth: Int, leased: Int, delayed: Int, oldest: Double?) {
    self.name = name
    self.depth = depth
    self.leased = leased
    self.delayed = delayed
    self.oldest = oldest
  }
}

/// Keys of work that was done, each for a time.
public protocol KeyStore: Sendable {
  /// Whether the key was remembered in `scope` and its time has not run out.
  func remembers(_ key: String, in scope: String) async throws -> Bool

  /// Remembers a key for `duration` from now, in place of how long it was remembered before.
  func remember(_ key: String, in scope: String, for duration: Duration) async throws

  /// Forgets a key.
  func forget(_ key: String, in scope: String) async throws
}

/// Generations of route files, so that an earlier one can be applied again.
public protocol GenerationStore: Sendable {
  /// Keeps a generation under the next number, which it answers; the oldest beyond `limit` are let go.
  func keep(_ generation: StoredGeneration, atMost limit: Int) async throws -> Int

  /// The generations that are kept, newest first, without their files.
  func generations() async throws -> [StoredGeneration]

  /// A generation with its files; nil where it is not kept.
  func generation(_ number: Int) async throws -> StoredGeneration?
}

/// All route files that were applied together.
public struct StoredGeneration: Sendable, Equatable {
  /// A file of routes.
  public struct File: Sendable, Equatable {
    /// As it was named when it was read.
    public var path: String
    /// The text.
    public var bytes: [UInt8]

    /// A file.
    public init(path: String, bytes: [UInt8]) {
      self.path = path
      self.bytes = bytes
    }
  }

  /// The number, from 1; 0 for one that was not kept yet.
  public var number: Int
  /// When it was applied.
  public var applied: Double
  /// What made it: `start`, `files`, `signal`, `admin`, `rollback to 12`.
  public var reason: String
  /// The ids of its routes.
  public var routes: [String]
  /// The files; empty in a list of generations.
  public var files: [File]

  /// A generation.
  public init(number: Int = 0, applied: Double, reason: String, routes: [String], files: [File]) {
    self.number = number
    self.applied = applied
    self.reason = reason
    self.routes = routes
    self.files = files
  }
}
