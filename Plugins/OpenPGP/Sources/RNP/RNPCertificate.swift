internal import CRNP
internal import Omnibus

/// A primary key with its subkeys and user ids.
struct RNPCertificate {
  let primary: RNPKey
  let subkeys: [RNPKey]
  let users: [String]

  init?(_ primary: RNPKey) {
    self.primary = primary
    var count = 0
    rnp_key_get_subkey_count(primary.handle, &count)
    subkeys = (0..<count).compactMap { index in
      var handle: rnp_key_handle_t?
      rnp_key_get_subkey_at(primary.handle, index, &handle)
      return handle.flatMap { RNPKey($0, of: primary) }
    }
    count = 0
    rnp_key_get_uid_count(primary.handle, &count)
    users = (0..<count).compactMap { index in rnpText { rnp_key_get_uid_at(primary.handle, index, $0) } }
  }

  /// Whether the primary key or a subkey has the name.
  func has(_ name: KeyName) -> Bool {
    name.matches(fingerprint: primary.fingerprint, users: users)
      || name.isHexadecimal && subkeys.contains { name.matches(fingerprint: $0.fingerprint, users: []) }
  }

  /// The key for a usage: of those that may be used the newest, as GnuPG has it, and the primary key only where there is no
  /// subkey. librnp by itself takes the primary key.
  func key(
    for usage: RNPKey.Usage, at time: UInt64, allowed: Set<Weakness>
  ) throws(Failure) -> RNPKey {
    if let problem = primary.problem(at: time, allowed: allowed) {
      throw Failure(.rejected, "a key that is to \(usage) \(problem)")
    }
    let own = subkeys.filter { $0.allows(usage) && (usage != .sign || $0.isSecret) }
      .sorted { $0.created > $1.created }
    let candidates = own + (primary.allows(usage) && (usage != .sign || primary.isSecret) ? [primary] : [])
    guard let first = candidates.first else {
      throw Failure(
        .rejected, "a key that is to \(usage) has no part for that" + (usage == .sign ? ", or no secret" : ""))
    }
    // One that needs no leave is better than a newer one that does.
    if let good = candidates.first(where: { $0.problem(at: time, allowed: []) == nil }) { return good }
    if let good = candidates.first(where: { $0.problem(at: time, allowed: allowed) == nil }) { return good }
    throw Failure(.rejected, "a key that is to \(usage) \(first.problem(at: time, allowed: allowed) ?? "")")
  }
}
