internal import Omnibus

/// What stands for a piece of definition: equal pieces have equal ones, wherever and however they are written.
struct Canonical: Hashable, Sendable {
  /// A digest of the text, the same in every process.
  var digest = Digest()
  /// A digest of what the references in it stand for, valid in this process only: secrets are not kept for comparing.
  var references = 0

  /// Goes on with another piece.
  mutating func add(_ other: Canonical) {
    digest.add(other.digest)
    var hasher = Hasher()
    hasher.combine(references)
    hasher.combine(other.references)
    references = hasher.finalize()
  }
}
