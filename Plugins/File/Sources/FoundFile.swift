/// A file that a look has shown.
struct FoundFile: Sendable, Hashable {
  var status: FileStatus
  /// Which engine has taken it for itself: this one, or one that gives no sign of life; nil for none.
  var owner: String?
}
