import OmnibusTesting
import Synchronization
import Testing

/// The certificates that the documentation names, made when they are first asked for.
final class DocumentedCertificates: Sendable {
  private let authority = Mutex<TestAuthority?>(nil)

  /// Puts the files into `folder`, beside the routes that name them.
  func copy(to folder: TemporaryDirectory) throws {
    let authority = try authority.withLock { known in
      if let known { return known }
      let made = try TestAuthority()
      for name in ["bus", "second", "client"] { try made.issue(name, names: "DNS:\(name).example") }
      known = made
      return made
    }
    for name in ["bus", "second", "client"] {
      for file in ["\(name).pem", "\(name).key"] {
        folder.write("Routes/certs/\(file)", try #require(authority.directory.read(file)))
      }
    }
    for name in ["partners", "hospital"] {
      folder.write("Routes/certs/\(name).pem", try #require(authority.directory.read("authority.pem")))
    }
  }
}
