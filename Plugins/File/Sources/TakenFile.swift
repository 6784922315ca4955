internal import OmnibusReactor

/// A file that is worked on.
struct TakenFile: Sendable {
  var status: FileStatus
  /// Where it lies meanwhile.
  var place: Folder
  /// Whether it lies where this engine keeps what it has taken for itself.
  var isClaimed: Bool
  /// The file, held open so that no other can come to have its number; or why it cannot be read.
  var opened: Result<OpenFile, SystemError>
}
