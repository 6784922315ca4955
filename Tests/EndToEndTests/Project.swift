import Foundation

/// Where the project's files are.
enum Project {
  /// The root of the package.
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The program, which lies beside the tests.
  static let program =
    URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "omnibus").path

  /// A file of the project.
  static func file(_ path: String) -> URL { root.appending(path: path) }
}
