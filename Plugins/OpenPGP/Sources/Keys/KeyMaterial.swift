internal import Omnibus

/// The keys of a ring as they were read, each time anew when one of them changes: what is made of them belongs to one.
final class KeyMaterial: Sendable {
  /// Keys of one source.
  struct Entry: Sendable {
    enum Form {
      /// Transferable keys, armoured or binary (RFC 4880, 11.1 and 11.2).
      case openPGP
      /// A keybox of GnuPG.
      case keybox
    }

    /// What it is for people: a path, `key`.
    var name: String
    var bytes: [UInt8]
    var form = Form.openPGP
    var isSecret = false
    var passphrase: Secret?
  }

  /// In the order of the options.
  let entries: [Entry]

  init(_ entries: [Entry]) { self.entries = entries }

  /// The same keys as far as they are public.
  var withoutSecrets: KeyMaterial {
    KeyMaterial(
      entries.map { entry in
        var entry = entry
        entry.isSecret = false
        entry.passphrase = nil
        return entry
      })
  }
}
