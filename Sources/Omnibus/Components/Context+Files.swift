internal import Glibc

extension Context {
  /// Why a file that a component names cannot be read.
  public struct FileProblem: Error, Sendable {
    /// Where the file was looked for.
    public let path: String
    /// `cannot be read: no such file or directory`, for a text that names the file before it.
    public let reason: String
  }

  /// Where the file at `path` is: a relative path starts from the folder of the routes file.
  public func resolve(_ path: String) -> String { RelativePath.resolve(path, in: directory) }

  /// The bytes of the file at `path`, at most `limit`, read while the component is made: schemas, tables, nothing that is
  /// secret. It is a part of the route's revision from then on: when the file changes, so does the route, at once where the
  /// engine watches its files. What it holds is kept with the generation, for a rollback to read it again.
  public func bytes(ofFile path: String, limit: Int) throws(FileProblem) -> [UInt8] {
    let path = resolve(path)
    errno = 0
    if let bytes = files.read(path, limit: limit, isOfSource: step == "from") { return bytes }
    let reason =
      errno == EFBIG ? "is larger than \(ByteSize(bytes: limit))" : "cannot be read: \(Self.text(of: errno))"
    throw FileProblem(path: path, reason: reason)
  }

  private static func text(of error: Int32) -> String { String(cString: strerror(error)).lowercased() }
}
