/// Why a library with plugins is not loaded.
struct LibraryProblem: Error, Equatable {
  /// What was found and what was expected; goes after the library's path.
  let message: String
  /// What to do.
  let help: String?

  init(_ message: String, help: String? = nil) {
    self.message = message
    self.help = help
  }

  /// What to do with a library that was not built for this program.
  static let rebuild = "build it by swift package omnibus-plugin, from the version of Omnibus that this program is of"

  /// A file that is not what it says.
  static func damaged(_ detail: String) -> LibraryProblem {
    LibraryProblem("is cut short or damaged: \(detail)")
  }
}
