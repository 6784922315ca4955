internal import Logging
internal import Omnibus
internal import OmnibusReactor
internal import Synchronization

/// The keys that steps work with, shared by all steps of the same `keys`: read from files, which are looked at again, and
/// fetched from addresses.
final class KeyRing: Sendable {
  private struct State {
    var material = KeyMaterial([])
    var stamps: [KeySource.Stamp?] = []
    /// Which key of each address it has.
    var versions: [Int] = []
    var nextLook: UInt64 = 0
    /// What was wrong with files that changed, and told.
    var problem: String?
  }

  private struct Key: Hashable {
    let reactors: ObjectIdentifier
    let sources: [KeySource]
  }

  private struct Weak {
    weak var ring: KeyRing?
  }

  /// How often files are looked at, in nanoseconds.
  private static let lookEvery: UInt64 = 10_000_000_000
  private static let shared = Mutex<[Key: Weak]>([:])

  /// Works with the keys.
  let provider: any OpenPGPProvider
  /// Whether some keys come from addresses, and so are not known before they were fetched.
  let isFetched: Bool
  private let sources: [KeySource]
  private let fetched: [KeyFetcher]
  private let state = Mutex(State())

  /// The ring of `options`, the same for all who hold it at the same time; throws where keys cannot be read, or unlocked.
  static func shared(_ options: KeyRingOptions, _ context: Context) throws(Failure) -> KeyRing {
    let sources = KeySource.all(of: options, in: context.directory)
    let key = Key(reactors: ObjectIdentifier(context.reactors), sources: sources)
    if let ring = shared.withLock({ $0[key]?.ring }) { return ring }
    let ring = try KeyRing(sources, context, RNPProvider())
    return shared.withLock { shared in
      if let other = shared[key]?.ring { return other }
      shared = shared.filter { $0.value.ring != nil }
      shared[key] = Weak(ring: ring)
      return ring
    }
  }

  /// A ring of its own, whose keys `provider` works with.
  init(_ sources: [KeySource], _ context: Context, _ provider: any OpenPGPProvider) throws(Failure) {
    self.sources = sources
    self.provider = provider
    fetched = sources.compactMap { source in
      if case .url(let address) = source { KeyFetcher(address, context.reactors, provider) } else { nil }
    }
    isFetched = !fetched.isEmpty
    // Looked at first: a change while they are read is seen the next time.
    let stamps = sources.map(\.stamp)
    let material = try read([])
    try provider.load(material, at: context.time)
    state.withLock { state in
      state.material = material
      state.stamps = stamps
      state.versions = fetched.map(\.version)
      state.nextLook = context.clock.now &+ Self.lookEvery
    }
  }

  /// The keys as they are known at load, without those from addresses that were not fetched yet.
  var loaded: KeyMaterial { state.withLock { $0.material } }

  /// The keys as they are now. Waits for keys from addresses that were never fetched; fails as `unavailable` where they
  /// cannot be had.
  func material(_ context: Context) async throws(Failure) -> KeyMaterial {
    for fetcher in fetched { try await fetcher.refresh(context) }
    let now = context.clock.now
    let versions = fetched.map(\.version)
    let mustLook = state.withLock { state in
      guard now >= state.nextLook || state.versions != versions else { return false }
      state.nextLook = now &+ Self.lookEvery
      return true
    }
    guard mustLook else { return state.withLock { $0.material } }
    do {
      return try await context.blocking.run { [self] in look(context) }
    } catch { throw Failure(error) }
  }

  /// Reads what has changed. Keys that cannot be used leave those before in use.
  private func look(_ context: Context) -> KeyMaterial {
    let stamps = sources.map(\.stamp)
    let versions = fetched.map(\.version)
    let former = state.withLock { $0 }
    guard stamps != former.stamps || versions != former.versions else { return former.material }
    do throws(Failure) {
      let material = try read(fetched.compactMap(\.entry))
      try provider.load(material, at: context.time)
      state.withLock { state in
        state.material = material
        state.stamps = stamps
        state.versions = versions
        state.problem = nil
      }
      context.logger.notice("keys renewed")
      return material
    } catch {
      let isTold = state.withLock { state in
        defer { state.problem = error.reason }
        return state.problem == error.reason
      }
      if !isTold {
        context.logger.warning("new keys cannot be used, the former stay", metadata: ["problem": "\(error.reason)"])
      }
      return former.material
    }
  }

  private func read(_ others: [KeyMaterial.Entry]) throws(Failure) -> KeyMaterial {
    var entries = others
    for source in sources { if let entry = try source.read() { entries.append(entry) } }
    return KeyMaterial(entries)
  }
}

extension Context {
  /// Seconds since 1970, as OpenPGP counts them.
  var time: UInt64 { UInt64(max(clock.wallTime, 0)) }
}
