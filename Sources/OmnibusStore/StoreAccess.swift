public import Omnibus
internal import Synchronization

/// The store as components reach it, by `context.services`: it is opened only where something needs it, before anything
/// is served.
public final class StoreAccess: Sendable {
  private struct State {
    var store: (any Store)?
    var isClosed = false
  }

  private let state = Mutex(State())
  /// Keys whose work is under way. Shared by all that works on the store, and so by the revisions of a route.
  public let claims = KeyClaims()
  private let isWanted: Bool
  private let opening: @Sendable () async throws -> any Store

  /// Access to what `open` opens as soon as a route needs it, or with the first routes where it `isWanted` whatever they
  /// are.
  public init(isWanted: Bool = false, open: @escaping @Sendable () async throws -> any Store) {
    self.isWanted = isWanted
    opening = open
  }

  /// Access to a store that is open.
  public init(_ store: any Store) {
    isWanted = true
    opening = { store }
    state.withLock { $0.store = store }
  }

  /// The store where there is one: nil as long as nothing works on it, a failure of kind `unavailable` where it is wanted
  /// and not open yet, or closed.
  public var present: (any Store)? {
    get throws(Failure) {
      let (store, isClosed) = state.withLock { ($0.store, $0.isClosed) }
      guard store == nil, isWanted || isClosed else { return store }
      throw .storeNotOpen
    }
  }

  /// The store; a failure of kind `unavailable` where it is not open.
  public var store: any Store {
    get throws(Failure) {
      guard let store = state.withLock({ $0.store }) else { throw .storeNotOpen }
      return store
    }
  }

  /// Opens the store where it is wanted or a route that is about to run `needs` it; called by the engine while nothing
  /// has changed yet, one call at a time.
  public func open(ifNeeded needs: Bool) async throws {
    guard state.withLock({ $0.store == nil }), isWanted || needs else { return }
    let store = try await opening()
    state.withLock { $0.store = store }
  }

  /// Why nothing can be written; nil where it can. Where the last write failed it tries another one, so that the trouble is
  /// over when its cause is, also where nobody writes any more because of it.
  public func trouble() async -> Failure? {
    guard let store = state.withLock({ $0.store }), store.trouble != nil else { return nil }
    try? await store.remember("write", in: "health", for: .seconds(1))
    return store.trouble
  }

  /// Closes the store where it is open.
  public func close() async {
    let store = state.withLock { state in
      state.isClosed = true
      defer { state.store = nil }
      return state.store
    }
    await store?.close()
  }
}

extension Context {
  /// The store for a component that is being made, which is then open when it runs; a problem where the engine has none.
  public func neededStore() throws(OptionProblem) -> StoreAccess {
    guard let access = services[StoreAccess.self] else {
      throw OptionProblem(nil, "needs a store, and there is none here")
    }
    services[StoreNeed.self]?.note()
    return access
  }
}

extension Failure {
  fileprivate static var storeNotOpen: Failure { Failure(.unavailable, "the store is not open") }
}
