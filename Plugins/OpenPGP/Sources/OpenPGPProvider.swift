internal import Omnibus

/// Does the work of OpenPGP (RFC 4880) with keys. All of it blocks, and may be called by many threads at once.
protocol OpenPGPProvider: Sendable {
  /// Loads and unlocks keys, so that those that cannot be used are known before they are needed.
  func load(_ keys: KeyMaterial, at time: UInt64) throws(Failure)

  /// The public key of a name with all that belongs to it. Fails as `rejected` where there is none, or several.
  func export(
    _ name: KeyName, of keys: KeyMaterial, isArmored: Bool, at time: UInt64
  ) throws(Failure) -> [UInt8]

  /// Fails where the keys that `order` names are not there, or must not be used, `time` seconds after 1970.
  func check(_ order: Order, with keys: KeyMaterial, at time: UInt64) throws(Failure)

  /// Does what `order` says with what `pump` gives. Nothing of what it was given to write counts unless it returns.
  func perform(
    _ order: Order, with keys: KeyMaterial, at time: UInt64, through pump: Pump
  ) throws(Failure) -> ProviderReport
}

/// What became known of a message while it was worked on.
struct ProviderReport: Sendable, Equatable {
  /// Who signed it, by signatures that are good.
  struct Signer: Sendable, Equatable {
    /// The fingerprint of the primary key.
    var fingerprint: String
    /// The primary user id; text of the key's owner.
    var user: String?
  }

  var signers: [Signer] = []
}
