internal import COpenSSL

/// The names that a certificate bears beside its subject (RFC 5280, 4.2.1.6).
struct CertificateNames {
  private(set) var dns: [String] = []
  private(set) var emails: [String] = []

  init(_ certificate: OpaquePointer) {
    withUnsafeMutablePointer(to: &self) { this in
      omnibus_x509_names(certificate, this) { this, kind, bytes, length in
        guard let this, let bytes else { return }
        let name = UnsafeBufferPointer(start: bytes, count: length)
        // A name with a NUL reads differently where C strings are used.
        guard !name.contains(0), let text = String(validating: name, as: UTF8.self) else { return }
        this.assumingMemoryBound(to: CertificateNames.self).pointee.add(text, kind)
      }
    }
  }

  private mutating func add(_ name: String, _ kind: Int32) {
    if kind == Int32(OMNIBUS_NAME_DNS.rawValue) { dns.append(name) } else { emails.append(name) }
  }
}
