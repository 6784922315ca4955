public import Omnibus

extension Plugin {
  /// Encrypts, decrypts, signs and verifies OpenPGP messages.
  public static let openPGP = Plugin(name: "openpgp", version: "0.1.0", components: [])
}
