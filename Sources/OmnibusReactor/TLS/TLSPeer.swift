internal import COpenSSL
internal import Glibc

/// Who is at the other end, as a certificate says that was verified.
public struct TLSPeer: Sendable, Equatable {
  /// The distinguished name (RFC 2253): `CN=ward 7,O=Hospital`.
  public let subject: String
  /// The distinguished name of the authority.
  public let issuer: String
  /// The serial number, which the authority gives once: hexadecimal digits.
  public let serialNumber: String
  /// The SHA-256 digest of the certificate: 64 hexadecimal digits in lower case.
  public let fingerprint: String
  /// The host names that it bears.
  public let dnsNames: [String]
  /// The e-mail addresses that it bears.
  public let emailAddresses: [String]

  init(_ certificate: OpaquePointer) {
    subject = Self.text(X509_get_subject_name(certificate))
    issuer = Self.text(X509_get_issuer_name(certificate))
    serialNumber = Self.serial(certificate)
    fingerprint = Self.digest(certificate)
    let names = CertificateNames(certificate)
    dnsNames = names.dns
    emailAddresses = names.emails
  }

  private static func text(_ name: OpaquePointer?) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { buffer in
      let count = omnibus_x509_name(name, buffer.baseAddress, buffer.count)
      return String(decoding: buffer[..<count].lazy.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }

  private static func serial(_ certificate: OpaquePointer) -> String {
    guard let digits = omnibus_x509_serial(certificate) else { return "" }
    defer { omnibus_free(digits) }
    return String(cString: digits).lowercased()
  }

  private static func digest(_ certificate: OpaquePointer) -> String {
    var bytes = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    X509_digest(certificate, EVP_sha256(), &bytes, &count)
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: bytes[..<Int(count)].flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
