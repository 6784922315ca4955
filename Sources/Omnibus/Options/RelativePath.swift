/// Paths that options name.
enum RelativePath {
  /// Where `path` is: a relative one starts from `directory`.
  static func resolve(_ path: String, in directory: String) -> String {
    path.hasPrefix("/") ? path : "\(directory)/\(path)"
  }
}
