internal import Logging
internal import Omnibus
internal import OmnibusReactor
internal import OmnibusStore

/// The generations that were applied, newest first: in the store where it is open, else in memory as long as the engine
/// lives.
actor GenerationLog {
  /// How many are kept.
  static let limit = 20

  private let environment: EngineEnvironment
  private var inMemory: [StoredGeneration] = []
  /// The number of the generation that runs; 0 before the first.
  private(set) var current = 0

  init(_ environment: EngineEnvironment) { self.environment = environment }

  private var store: (any GenerationStore)? { try? environment.services[StoreAccess.self]?.store }

  /// Keeps what is applied now, and answers its number. What a start applies is not kept twice where the files are those of
  /// the newest generation that is known from before. `named` are the files that components read of them.
  func keep(_ files: RouteFiles, naming named: [NamedFiles.File], reason: String, routes: [String]) async -> Int {
    // It throws nothing.
    let kept = (try? await environment.blocking.run { files.kept(with: named) }) ?? files.kept(with: [])
    var generation = StoredGeneration(
      applied: environment.clock.wallTime, reason: reason, routes: routes, files: kept.files)
    if kept.left > 0 {
      environment.logger.warning(
        "files that routes name are too large to be kept with the generation, a rollback reads them as they are then",
        metadata: ["files": "\(kept.left)", "limit": "\(ByteSize(bytes: RouteFiles.maxKept))"])
    }
    if let store {
      do {
        if current == 0, let newest = try await store.generations().first,
          let known = try await store.generation(newest.number), known.files == generation.files
        {
          current = known.number
          return current
        }
        try await catchUp(store)
        current = try await store.keep(generation, atMost: Self.limit)
        return current
      } catch {
        environment.logger.error(
          "a generation cannot be kept in the store", metadata: ["reason": "\(Failure(error).reason)"])
      }
    }
    current += 1
    generation.number = current
    inMemory.insert(generation, at: 0)
    if inMemory.count > Self.limit { inMemory.removeLast() }
    return current
  }

  /// Puts what the store would not keep before into it first, oldest first: it counts by itself, and would give a number
  /// that was given already.
  private func catchUp(_ store: any GenerationStore) async throws {
    while let oldest = inMemory.last {
      current = max(current, try await store.keep(oldest, atMost: Self.limit))
      inMemory.removeLast()
    }
  }

  /// All that are kept, newest first, without their files.
  func all() async throws -> [StoredGeneration] {
    let stored = try await store?.generations() ?? []
    let known = Set(stored.map(\.number))
    let others = inMemory.filter { !known.contains($0.number) }.map { generation in
      var generation = generation
      generation.files = []
      return generation
    }
    return (stored + others).sorted { $0.number > $1.number }
  }

  /// The generation that a rollback goes to by default: the one before that whose files run now, which, after a rollback,
  /// is the one that it went to. Nil where none is kept.
  func earlier() async throws -> Int? {
    let all = try await all()
    var origin = current
    while let target = all.first(where: { $0.number == origin })?.rolledBackTo, target < origin { origin = target }
    return all.first { $0.number < origin }?.number
  }

  /// A generation with its files; nil where it is not kept.
  func generation(_ number: Int) async throws -> StoredGeneration? {
    if let stored = try await store?.generation(number) { return stored }
    return inMemory.first { $0.number == number }
  }
}

extension StoredGeneration {
  private static let rollback = "rollback to "

  /// The reason of a generation that has the files of an earlier one.
  static func reason(ofRollbackTo number: Int) -> String { "\(rollback)\(number)" }

  /// The generation whose files it has; nil where it is no rollback.
  fileprivate var rolledBackTo: Int? {
    reason.hasPrefix(Self.rollback) ? Int(reason.dropFirst(Self.rollback.count)) : nil
  }
}
