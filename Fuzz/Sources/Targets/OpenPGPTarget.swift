import Omnibus
import OmnibusTesting
import OpenPGPPlugin
import Synchronization

extension FuzzTarget {
  /// An OpenPGP message. The first byte says what becomes of the others: they are decrypted, verified, or a signature of a
  /// text; and, by its highest bit, whether they come as a stream, which is decrypted by other code.
  static let openpgp = FuzzTarget(name: "openpgp") { bytes in
    guard let first = bytes.first else { return }
    let input = Array(bytes.dropFirst())
    try Waiting.run {
      var message = Message(body: first & 0x80 == 0 ? .bytes(input) : .stream(stream(of: input)))
      if first % 3 == 2 {
        message = Message(headers: ["x-signature": Base64.encode(input)], body: .bytes(Array("text\n".utf8)))
      }
      do { _ = try await OpenPGPSteps.made.get()[Int(first % 3)].run(&message) } catch let failure as Failure {
        try hold([.invalid, .rejected].contains(failure.kind), "\(failure)")
      }
    }
  }
}

/// Bytes in pieces of 100.
private func stream(of bytes: [UInt8]) -> BodyStream {
  let left = Mutex(bytes[...])
  return BodyStream {
    left.withLock { left in
      defer { left = left.dropFirst(100) }
      return left.isEmpty ? nil : Array(left.prefix(100))
    }
  }
}

/// Steps with a key that is for nothing else.
private enum OpenPGPSteps {
  private static let folder = TemporaryDirectory()

  static let made = Result<[Block], any Error> {
    folder.write("key.asc", key)
    let keys: Configuration = ["secret": [["file": "\(folder.path)/key.asc"]]]
    let steps: [Configuration] = [
      ["pgp_decrypt": ["keys": keys]], ["pgp_verify": ["keys": keys]],
      ["pgp_verify": ["keys": keys, "signature": "${ headers['x-signature'] }"]],
    ]
    return try steps.map { try ComponentLoader([.openPGP]).steps([$0]) }
  }

  private static let key = """
    -----BEGIN PGP PRIVATE KEY BLOCK-----

    lFgEY7DNABYJKwYBBAHaRw8BAQdANiQ+19LsmsNi440soPheq6GLlDtA7wvhOqFE
    gvhK+a0AAP98BvPjdUXjCMt86KEDgkWQhhFT5UTRwgM4NKI3eKCZlRBatA5mdXp6
    QHguZXhhbXBsZYiQBBMWCAA4FiEE9Nuj4I/jsC7lE8JlKvEHt6MUaikFAmOwzQAC
    GwMFCwkIBwIGFQoJCAsCBBYCAwECHgECF4AACgkQKvEHt6MUainIYwD/cdhbi0gc
    sV2zBeMUIdcB4agLAm8eW8gJNbU/f9HO1jgBAIw7m1pYpgQZpe3sIo2FhuYwvNMy
    KoaDJmAuDN+2c70EnF0EY7DNABIKKwYBBAGXVQEFAQEHQAXeBkBCv5m9TIk/BDoC
    Tjg2GjKuu2i2veF0P2tuZioqAwEIBwAA/0GftS7Jg7d83N9RqyLLAltEIzlcDaf5
    cpVqwsLAHjSYEIqIeAQYFggAIBYhBPTbo+CP47Au5RPCZSrxB7ejFGopBQJjsM0A
    AhsMAAoJECrxB7ejFGop7asBAIzI1vDySaBjDhaPW8h7Fl1ZTr7ZLNjXdrjC0JZ9
    G3mJAP0abcgnWaNR4LLzI3OdSi23wSRg8VIGhCJxNWmkXszhCw==
    =g5Jp
    -----END PGP PRIVATE KEY BLOCK-----

    """
}
