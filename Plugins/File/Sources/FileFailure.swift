internal import Glibc
internal import Omnibus
internal import OmnibusReactor

extension Failure {
  /// What the system says about a file, without the file's name, which may come from the message.
  init(file error: SystemError, _ what: String) {
    let kind: Kind =
      switch error.code {
      case EEXIST: .rejected
      case ELOOP, EISDIR, ENAMETOOLONG, EINVAL, ENXIO: .invalid
      default: .unavailable
      }
    self.init(kind, "\(what): \(error)", cause: error)
  }
}

extension SystemError {
  /// Whether there was no file of that name.
  var isMissingFile: Bool { code == ENOENT }
}
