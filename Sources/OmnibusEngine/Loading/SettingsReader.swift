internal import Glibc
package import Omnibus

/// Reads `${env:NAME}` and `${file:PATH}` while routes are loaded.
public struct SettingsReader: Sendable {
  /// The largest file that a reference may name.
  static let maxFileSize = 1 << 20

  private let environment: @Sendable (String) -> String?

  /// Settings from the environment of the process.
  public init() { self.init { name in getenv(name).map { String(cString: $0) } } }

  /// Settings from a made-up environment.
  public init(environment: @escaping @Sendable (String) -> String?) { self.environment = environment }

  /// The text for `env:NAME` (with `env:NAME:-default`, the default where it is unset or empty) or `file:PATH`, whose
  /// last line break is dropped; relative paths start at `directory`.
  package func resolve(_ reference: String, directory: String) throws(LoadScope.ReferenceProblem) -> String {
    if reference.hasPrefix("env:") { return try variable(String(reference.dropFirst(4))) }
    return try file(String(reference.dropFirst(5)), directory: directory)
  }

  private func variable(_ reference: String) throws(LoadScope.ReferenceProblem) -> String {
    let parts = reference.split(separator: ":-", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    if let value = environment(name), !value.isEmpty || parts.count == 1 { return value }
    guard parts.count == 2 else {
      throw LoadScope.ReferenceProblem("the environment variable \(name) is not set")
    }
    return String(parts[1])
  }

  /// The file that a reference names; nil for one that names none.
  static func file(of reference: String, directory: String) -> String? {
    reference.hasPrefix("file:") ? path(String(reference.dropFirst(5)), directory: directory) : nil
  }

  private static func path(_ path: String, directory: String) -> String {
    path.hasPrefix("/") ? path : "\(directory)/\(path)"
  }

  private func file(_ path: String, directory: String) throws(LoadScope.ReferenceProblem) -> String {
    let full = Self.path(path, directory: directory)
    guard var bytes = FileBytes.read(full, limit: Self.maxFileSize) else {
      throw LoadScope.ReferenceProblem(
        "the file \(full) cannot be read: \(String(cString: strerror(errno)).lowercased())")
    }
    if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
    if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }
}
