internal import Omnibus

/// Digests nodes so that equal definitions give equal digests: without places and comments.
struct CanonicalWriter {
  private let settings: SettingsReader
  private let directory: String
  private let read: FilesOfLoad?
  private var digest = Digest()
  private var references = Hasher()
  /// The connections and resources that were named.
  private(set) var named: Set<CanonicalDefinitions.Name> = []

  init(_ settings: SettingsReader, directory: String, _ read: FilesOfLoad? = nil) {
    self.settings = settings
    self.directory = directory
    self.read = read
  }

  /// What was written.
  var canonical: Canonical { Canonical(digest: digest, references: references.finalize()) }

  mutating func write(_ node: Node) {
    switch node.value {
    case .scalar(let scalar, let plain):
      digest.add(UInt8(ascii: plain ? "'" : "\""))
      digest.add(scalar)
      if scalar.utf8.contains(UInt8(ascii: "$")) { writeReferences(scalar) }
    case .sequence(let elements):
      digest.add(UInt8(ascii: "["))
      for element in elements { write(element) }
      digest.add(UInt8(ascii: "]"))
    case .mapping(let entries):
      digest.add(UInt8(ascii: "{"))
      for (key, value) in entries {
        write(key)
        note(key, value)
        write(value)
      }
      digest.add(UInt8(ascii: "}"))
    }
  }

  mutating func write(_ text: String) { digest.add(text) }

  private mutating func note(_ key: Node, _ value: Node) {
    guard let name = value.text else { return }
    switch key.text {
    case "connection": named.insert(.init(kind: .connection, name: name))
    case "use", SharedOptions.layoutKey: named.insert(.init(kind: .resource, name: name))
    default: break
    }
  }

  private mutating func writeReferences(_ scalar: String) {
    let values = try? SettingReferences.replace(in: scalar) { reference throws(LoadScope.ReferenceProblem) in
      if let file = SettingsReader.file(of: reference, directory: directory) { read?.add(file) }
      return try settings.resolve(reference, directory: directory)
    }
    references.combine(values)
  }
}
