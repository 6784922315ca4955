import Glibc
import Omnibus

/// Where the files of schemas may be: below the folder of the routes, and where the route itself says.
struct SchemaFiles {
  /// The largest file that is read.
  static let maxSize = 16 << 20

  /// Why there is no document.
  struct Refusal: Error {
    let message: String
    var help: String?
  }

  private let context: Context
  private let documents: [(uri: String, path: String)]
  /// The folders, as the system calls them, that references may lead into.
  private var roots: [String] = []

  /// The files of a route whose option names the schema at `path`.
  init(_ context: Context, schema path: String, documents: OptionMap<String>) {
    self.context = context
    self.documents = documents.entries.map { ($0.key, context.resolve($0.value)) }
    for folder in [context.routesFolder ?? context.directory, Self.folder(of: context.resolve(path))] {
      if let real = Self.real(folder) { roots.append(real) }
    }
  }

  /// The bytes of the schema that the route names.
  func bytes(of path: String) throws(Refusal) -> [UInt8] {
    do throws(Context.FileProblem) {
      return try context.bytes(ofFile: path, limit: Self.maxSize)
    } catch {
      throw Refusal(message: "\(name(of: error.path)) \(error.reason)")
    }
  }

  /// The path and the bytes of what a URI names.
  func read(_ uri: URIReference) throws(Refusal) -> (path: String, bytes: [UInt8]) {
    if let path = try mapped(uri.document) { return (path, try bytes(of: path)) }
    guard uri.scheme == "file" else {
      throw Refusal(
        message: "no schema is known as \"\(uri.document)\", and none is fetched",
        help: "write documents: { \"\(uri.document)\": the file that holds it }")
    }
    guard let path = URIReference.decode(uri.path), !path.contains("\0") else {
      throw Refusal(message: "\"\(uri.path)\" is no path of a file")
    }
    try confine(path, to: roots)
    return (path, try bytes(of: path))
  }

  /// What the file at `path` is called where nobody need know in which folder of this machine it lies: from the folder of the
  /// routes file, where it is below that.
  func name(of path: String) -> String {
    let path = Self.real(context.resolve(path)) ?? path
    guard let folder = Self.real(context.directory), path.hasPrefix("\(folder)/") else {
      return roots.first { path.hasPrefix("\($0)/") }.map { String(path.dropFirst($0.utf8.count + 1)) } ?? path
    }
    return String(path.dropFirst(folder.utf8.count + 1))
  }

  /// Where the file at `path` is, as diagnostics show it.
  func place(of path: String) -> String {
    let path = context.resolve(path)
    guard path.hasPrefix("./") else { return path }
    return String(path.dropFirst(2))
  }

  /// The URI of a file.
  func uri(of path: String) -> URIReference {
    let path = context.resolve(path)
    let folder = Self.folder(of: path)
    let name = path.split(separator: "/").last ?? ""
    return URIReference("file://" + URIReference.encode("\(Self.real(folder) ?? folder)/\(name)"))
  }

  /// The file that `documents` names for a URI.
  private func mapped(_ uri: String) throws(Refusal) -> String? {
    if let entry = documents.first(where: { $0.uri == uri }) { return entry.path }
    let folders = documents.filter { $0.uri.hasSuffix("/") && uri.hasPrefix($0.uri) }
    guard let folder = folders.max(by: { $0.uri.utf8.count < $1.uri.utf8.count }) else { return nil }
    guard let rest = URIReference.decode(String(uri.dropFirst(folder.uri.count))), !rest.contains("\0") else {
      throw Refusal(message: "\"\(uri)\" is no path of a file")
    }
    let path = "\(folder.path)/\(rest)"
    try confine(path, to: Self.real(folder.path).map { [$0] } ?? [])
    return path
  }

  private func confine(_ path: String, to roots: [String]) throws(Refusal) {
    // Where there is no such file, its folder is what counts: the refusal to read it says the rest.
    guard let real = Self.real(path) ?? Self.real(Self.folder(of: path)).map({ "\($0)/" }) else { return }
    guard roots.contains(where: { real.hasPrefix($0 == "/" ? "/" : "\($0)/") }) else {
      throw Refusal(
        message: "\(name(of: path)) lies outside of the folder of the routes",
        help: "move it there, or name it under documents")
    }
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The path without links; nil where there is nothing.
  private static func real(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
