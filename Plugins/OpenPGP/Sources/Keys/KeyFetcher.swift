internal import Logging
internal import Omnibus
internal import OmnibusHTTP
internal import OmnibusReactor
internal import Synchronization

/// The key of one address: fetched when it is first needed, for all who wait, and again from time to time. A key that is
/// not the one that was pinned is never taken.
final class KeyFetcher: Sendable {
  private typealias Fetching = Task<Result<[UInt8], Failure>, Never>

  private struct State {
    var key: [UInt8]?
    var version = 0
    var fetching: Fetching?
    var nextFetch: UInt64 = 0
  }

  private static let maxAnswer = 1 << 20
  /// How long nobody tries again after a fetch has failed, as long as there is a key: nanoseconds.
  private static let pause: UInt64 = 30_000_000_000

  private let address: KeyAddress
  private let request: HTTPClientRequest
  private let client: HTTPClient
  private let reactors: ReactorGroup
  private let provider: any OpenPGPProvider
  private let state = Mutex(State())

  init(_ address: KeyAddress, _ reactors: ReactorGroup, _ provider: any OpenPGPProvider) {
    self.address = address
    self.reactors = reactors
    self.provider = provider
    client = HTTPClient(reactors: reactors)
    request = HTTPClientRequest(
      url: address.url, headers: ["accept": "application/pgp-keys, text/plain;q=0.9, */*;q=0.1"],
      timeout: address.timeout, connectTimeout: address.timeout, maxResponse: Self.maxAnswer, followsRedirects: true,
      tls: address.tls)
  }

  /// The key that is in use.
  var entry: KeyMaterial.Entry? { state.withLock { $0.key }.map { KeyMaterial.Entry(name: address.url, bytes: $0) } }

  /// Grows with each key that is another than the one before; 0 where there was none yet.
  var version: Int { state.withLock { $0.version } }

  /// Fetches the key where there is none, and begins to where it is old.
  func refresh(_ context: Context) async throws(Failure) {
    let now = context.clock.now
    let fetching = state.withLock { state -> Fetching? in
      if state.key != nil, now < state.nextFetch { return nil }
      let fetching = state.fetching ?? fetch(&state, context)
      return state.key == nil ? fetching : nil
    }
    if let fetching { _ = try await fetching.value.get() }
  }

  /// It belongs to nobody who waits, so that none who gives up takes it from the others.
  private func fetch(_ state: inout State, _ context: Context) -> Fetching {
    let began = context.clock.now
    let task = Fetching(executorPreference: Reactor.current ?? reactors.next()) { [self] in
      do throws(Failure) {
        let key = try await fetched(context)
        self.state.withLock { state in
          state.fetching = nil
          if state.key != key { state.version += 1 }
          state.key = key
          state.nextFetch = began &+ address.refresh.nanosecondsClamped
        }
        return .success(key)
      } catch {
        let isKept = self.state.withLock { state in
          state.fetching = nil
          state.nextFetch = began &+ min(Self.pause, address.refresh.nanosecondsClamped)
          return state.key != nil
        }
        context.logger.warning(
          isKept ? "a key cannot be fetched again, the former stays" : "a key cannot be fetched",
          metadata: [
            "fingerprint": "\(address.fingerprint)", "failure": "\(error.kind.rawValue)", "reason": "\(error.reason)",
          ])
        return .failure(error)
      }
    }
    state.fetching = task
    return task
  }

  /// Whatever goes wrong says nothing of the message, which may be tried again.
  private func fetched(_ context: Context) async throws(Failure) -> [UInt8] {
    let response: HTTPClientResponse
    do throws(Failure) { response = try await client.send(request) } catch {
      let kind: Failure.Kind = error.kind == .timeout || error.kind == .cancelled ? error.kind : .unavailable
      throw Failure(kind, "no key from the url: \(error.reason)")
    }
    guard response.status == 200, case .bytes(let answer) = response.body else {
      throw Failure(.unavailable, "no key from the url: it answered \(response.status)")
    }
    let (provider, fingerprint, url) = (provider, address.fingerprint, address.url)
    let time = context.time
    do {
      return try await context.blocking.run {
        try provider.export(
          .init(fingerprint), of: KeyMaterial([.init(name: url, bytes: answer)]), isArmored: false, at: time)
      }
    } catch {
      throw Failure(.unavailable, "no key from the url: it gives none of the fingerprint that is pinned")
    }
  }
}
