internal import COpenSSL
internal import CReactor
internal import Glibc

/// Makes connections to other systems speak TLS. It lasts while its certificates change.
public final class TLSClient: Sendable {
  /// What it was made from.
  public let configuration: TLSClientConfiguration
  private let material: TLSMaterial<TLSContext>

  /// Reads the files, and so blocks; throws for one that cannot be used, or a key that does not fit its certificate.
  public init(_ configuration: TLSClientConfiguration) throws(TLSFileProblem) {
    self.configuration = configuration
    // The authorities of the system change, too.
    material = try TLSMaterial(configuration.files, lifetime: .seconds(12 * 3600)) { () throws(TLSFileProblem) in
      let context = TLSContext(isServer: false, minimumVersion: configuration.minimumVersion)
      SSL_CTX_set_verify(context.pointer, SSL_VERIFY_PEER, nil)
      if let authorities = configuration.authorities {
        try context.trust(authorities)
      } else {
        SSL_CTX_set_default_verify_paths(context.pointer)
      }
      if let identity = configuration.identity { try context.use(identity) }
      return context
    }
  }

  /// Looks whether files changed, and reads them then, for new connections. Blocks. A file that cannot be used leaves
  /// all as it was.
  public func refresh() -> TLSRefresh { material.refresh() }

  /// A session with `host`, a name or a numeric address, whose certificate must bear it (RFC 9525).
  func session(on descriptor: Int32, to host: String) -> (session: OpaquePointer, context: TLSContext)? {
    let context = material.value
    guard let session = omnibus_tls_session(context.pointer, descriptor) else { return nil }
    SSL_set_connect_state(session)
    let parameters = SSL_get0_param(session)
    var address = in6_addr()
    let isAddress = inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1
    let isSet: Bool
    if isAddress {
      isSet = X509_VERIFY_PARAM_set1_ip_asc(parameters, host) == 1
    } else {
      X509_VERIFY_PARAM_set_hostflags(parameters, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
      isSet = SSL_set1_host(session, host) == 1 && omnibus_tls_set_server_name(session, host) == 1
    }
    guard isSet else {
      SSL_free(session)
      return nil
    }
    return (session, context)
  }
}
