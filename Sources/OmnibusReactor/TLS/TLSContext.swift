internal import COpenSSL
internal import Glibc

/// What sessions have in common, as OpenSSL keeps it: protocol, ciphers, certificates.
///
/// Ciphers and groups are those of Mozilla's "intermediate" recommendation less its finite-field ones: ephemeral keys on
/// elliptic curves and authenticated encryption, and the client chooses among them.
// @unchecked: set up by one thread, and from then on read by OpenSSL alone, which locks what it counts.
final class TLSContext: @unchecked Sendable {
  private static let ciphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    + "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
  private static let groups = "X25519:P-256:P-384"

  let pointer: OpaquePointer

  /// A context of a server or a client without a certificate.
  init(isServer: Bool, minimumVersion: TLSVersion) {
    guard let pointer = SSL_CTX_new(isServer ? TLS_server_method() : TLS_client_method()) else {
      preconditionFailure("out of memory")
    }
    self.pointer = pointer
    omnibus_tls_harden(pointer, minimumVersion.number)
    let isComplete =
      SSL_CTX_set_cipher_list(pointer, Self.ciphers) == 1 && omnibus_tls_groups(pointer, Self.groups) == 1
    precondition(isComplete, "this OpenSSL lacks the ciphers of every OpenSSL 3")
  }

  deinit { SSL_CTX_free(pointer) }

  /// Shows `identity` to peers.
  func use(_ identity: TLSIdentity) throws(TLSFileProblem) {
    try Self.checkReadable(.certificate, identity.certificate)
    try Self.checkReadable(.key, identity.key)
    ERR_clear_error()
    guard SSL_CTX_use_certificate_chain_file(pointer, identity.certificate) == 1 else {
      throw Self.problem(.certificate, identity.certificate, expected: "a certificate in PEM")
    }
    guard SSL_CTX_use_PrivateKey_file(pointer, identity.key, SSL_FILETYPE_PEM) == 1 else {
      if omnibus_error_reason(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH
        || omnibus_error_reason(ERR_peek_last_error()) == X509_R_KEY_TYPE_MISMATCH
      {
        ERR_clear_error()
        throw TLSFileProblem(.key, identity.key, "does not fit the certificate")
      }
      throw Self.problem(.key, identity.key, expected: "a private key in PEM without a password")
    }
  }

  /// Trusts the authorities in `file` alone.
  func trust(_ file: String) throws(TLSFileProblem) {
    try Self.checkReadable(.authorities, file)
    ERR_clear_error()
    guard SSL_CTX_load_verify_file(pointer, file) == 1 else {
      throw Self.problem(.authorities, file, expected: "certificates in PEM")
    }
  }

  /// Asks clients for a certificate of the authorities in `file`.
  func askClients(_ file: String, isRequired: Bool) throws(TLSFileProblem) {
    try trust(file)
    guard let names = SSL_load_client_CA_file(file) else {
      throw Self.problem(.authorities, file, expected: "certificates in PEM")
    }
    SSL_CTX_set_client_CA_list(pointer, names)
    SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER | (isRequired ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), nil)
  }

  /// The certificate that is shown.
  var certificate: OpaquePointer? { SSL_CTX_get0_certificate(pointer) }

  /// OpenSSL's own text for a file that cannot be opened names neither the file nor the reason well.
  private static func checkReadable(_ role: TLSFileProblem.Role, _ file: String) throws(TLSFileProblem) {
    let descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw TLSFileProblem(role, file, "cannot be read: \(String(cString: strerror(errno)).lowercased())")
    }
    var status = stat()
    let isFile = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    close(descriptor)
    guard isFile else { throw TLSFileProblem(role, file, "is no file") }
  }

  private static func problem(
    _ role: TLSFileProblem.Role, _ file: String, expected: String
  ) -> TLSFileProblem {
    let code = ERR_peek_last_error()
    ERR_clear_error()
    // What the security level refuses, such as a key of 1024 bits, is well-formed.
    let reason = TLSError.text(code)
    return reason.hasSuffix("too small") || reason.hasSuffix("too weak")
      ? TLSFileProblem(role, file, "cannot be used: \(reason)")
      : TLSFileProblem(role, file, "does not hold \(expected)")
  }
}
