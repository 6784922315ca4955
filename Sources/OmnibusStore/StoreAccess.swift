public import Omnibus
internal import Synchronization

/// The store as components reach it, by `context.services`: it is opened only where something needs it, before anything
/// is served.
public final class StoreAccess: Sendable {
  private struct State {
    var isNeeded = false
    var store: (any Store)?
  }

  private let state = Mutex(State())
  /// Keys whose work is under way. Shared by all that works on the store, and so by the revisions of a route.
  public let claims = KeyClaims()
  private let opening: @Sendable () async throws -> any Store

  /// Access to what `open` opens when it is needed.
  public init(open: @escaping @Sendable () async throws -> any Store) { opening = open }

  /// Access to a store that is open.
  public init(_ store: any Store) {
    opening = { store }
    state.withLock { $0.store = store }
  }

  /// Says that a component which is being made works on the store: it is then open before anything is served.
  public func need() { state.withLock { $0.isNeeded = true } }

  /// Whether something works on the store, which is open then, or is to be.
  public var isNeeded: Bool { state.withLock { $0.isNeeded } }

  /// The store; a failure of kind `unavailable` where it is not open.
  public var store: any Store {
    get throws(Failure) {
      guard let store = state.withLock({ $0.store }) else { throw Failure(.unavailable, "the store is not open") }
      return store
    }
  }

  /// Opens the store where something needs it, or `always`; called by the engine while nothing has changed yet. One call
  /// at a time.
  public func openIfNeeded(always: Bool = false) async throws {
    guard state.withLock({ $0.store == nil && ($0.isNeeded || always) }) else { return }
    let store = try await opening()
    state.withLock { $0.store = store }
  }

  /// Closes the store where it is open.
  public func close() async {
    let store = state.withLock { state in
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
    access.need()
    return access
  }
}
