internal import COpenSSL

/// A version of the protocol that is spoken; older ones are not.
public enum TLSVersion: String, Sendable, Hashable, CaseIterable {
  /// TLS 1.2 (RFC 5246), with ephemeral keys and authenticated encryption only.
  case tls12 = "1.2"
  /// TLS 1.3 (RFC 8446).
  case tls13 = "1.3"

  var number: Int32 {
    switch self {
    case .tls12: TLS1_2_VERSION
    case .tls13: TLS1_3_VERSION
    }
  }
}
