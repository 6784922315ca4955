import OmnibusTesting
import Synchronization
import Testing

/// The certificates that the documentation names, made when they are first asked for.
final class DocumentedCertificates: Sendable {
  private let authority = Mutex<TestAuthority?>(nil)

  /// Puts the files into `folder`, beside the routes, or the configuration, that names them.
  func copy(to folder: TemporaryDirectory, besideConfiguration: Bool) throws {
    let certificates = besideConfiguration ? "certs" : "Routes/certs"
    let authority = try authority.withLock { known in
      if let known { return known }
      let made = try TestAuthority()
      for name in ["bus", "second", "client"] { try made.issue(name, names: "DNS:\(name).example") }
      known = made
      return made
    }
    for name in ["bus", "second", "client"] {
      for file in ["\(name).pem", "\(name).key"] {
        folder.write("\(certificates)/\(file)", try #require(authority.directory.read(file)))
      }
    }
    for name in ["partners", "hospital"] {
      folder.write("\(certificates)/\(name).pem", try #require(authority.directory.read("authority.pem")))
    }
  }
}
