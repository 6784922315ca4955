internal import Omnibus

/// The connections and resources of all files, digested once each.
final class CanonicalDefinitions {
  /// What a route names.
  struct Name: Hashable, Comparable, CustomStringConvertible {
    enum Kind: String { case connection, resource }

    let kind: Kind
    let name: String

    var description: String { "\(kind.rawValue) \(name)" }

    static func < (a: Name, b: Name) -> Bool { (a.kind.rawValue, a.name) < (b.kind.rawValue, b.name) }
  }

  private struct Key: Hashable {
    let name: Name
    /// Where relative paths of references start.
    let directory: String
  }

  let definitions: Definitions
  let settings: SettingsReader
  /// Is told of the files that references name.
  private let read: FilesOfLoad?
  private var digested: [Key: (canonical: Canonical, named: Set<Name>)] = [:]

  init(_ definitions: Definitions, _ settings: SettingsReader, _ read: FilesOfLoad? = nil) {
    self.definitions = definitions
    self.settings = settings
    self.read = read
  }

  /// A writer for what stands in a file of `directory`.
  func writer(in directory: String) -> CanonicalWriter { CanonicalWriter(settings, directory: directory, read) }

  /// The definitions of `names` and of those that they name in turn, by name; what is not defined is left out.
  func all(_ names: Set<Name>, in directory: String) -> [(name: Name, canonical: Canonical)] {
    var found: [Name: Canonical] = [:]
    var left = names
    while let name = left.popFirst() {
      guard found[name] == nil, let (canonical, named) = one(name, in: directory) else { continue }
      found[name] = canonical
      left.formUnion(named)
    }
    return found.map { ($0.key, $0.value) }.sorted { $0.name < $1.name }
  }

  private func one(_ name: Name, in directory: String) -> (canonical: Canonical, named: Set<Name>)? {
    let key = Key(name: name, directory: directory)
    if let known = digested[key] { return known }
    let table = name.kind == .connection ? definitions.connections : definitions.resources
    guard let definition = table[name.name] else { return nil }
    var writer = writer(in: directory)
    writer.write(definition.component)
    writer.write(definition.options)
    let result = (writer.canonical, writer.named)
    digested[key] = result
    return result
  }
}
