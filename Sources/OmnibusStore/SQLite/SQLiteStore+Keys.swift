internal import Omnibus
internal import OmnibusCrypto

extension SQLiteStore {
  /// Whether a key is remembered.
  public func remembers(_ key: String, in scope: String) async throws -> Bool {
    let digest = SHA256.digest(Array(key.utf8))
    return try await writer.perform(.read) { core throws(Failure) in try core.remembers(digest, in: scope) }
  }

  /// Remembers a key.
  public func remember(_ key: String, in scope: String, for duration: Duration) async throws {
    let digest = SHA256.digest(Array(key.utf8))
    try await writer.perform(.write) { core throws(Failure) in
      try core.remember(digest, in: scope, for: duration)
    }
  }

  /// Forgets a key.
  public func forget(_ key: String, in scope: String) async throws {
    let digest = SHA256.digest(Array(key.utf8))
    try await writer.perform(.write) { core throws(Failure) in try core.forget(digest, in: scope) }
  }
}

/// Of a key its digest is kept: keys can be as long as somebody outside makes them, and name patients.
extension StoreCore {
  func remembers(_ digest: [UInt8], in scope: String) throws(Failure) -> Bool {
    let statement = statements.hasKey
    statement.bind(1, scope)
    statement.bind(2, digest)
    statement.bind(3, now)
    defer { statement.reset() }
    return try statement.next()
  }

  func remember(_ digest: [UInt8], in scope: String, for duration: Duration) throws(Failure) {
    added += 1
    statements.addKey.bind(1, scope)
    statements.addKey.bind(2, digest)
    statements.addKey.bind(3, time.after(duration))
    try statements.addKey.run()
  }

  func forget(_ digest: [UInt8], in scope: String) throws(Failure) {
    statements.removeKey.bind(1, scope)
    statements.removeKey.bind(2, digest)
    try statements.removeKey.run()
  }
}
