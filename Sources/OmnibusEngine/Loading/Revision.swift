internal import Omnibus

/// What a route is made of, for telling whether it changed: its definition, the connections and resources that it names,
/// and what its `${env:}` and `${file:}` stand for.
struct Revision: Sendable, Equatable {
  /// The definition and all that it names, without places and comments.
  private let text: String
  /// The part that the source is made of.
  private let source: String
  /// A digest of what references stand for, valid in this process only: secrets are not kept for comparing.
  private let references: Int

  /// Whether a route of the other revision can go on with the same source.
  func hasSameSource(as other: Revision) -> Bool { source == other.source && references == other.references }

  /// A short name of the definition, the same in every process: FNV-1a over 64 bits (RFC draft-eastlake-fnv), in
  /// hexadecimal.
  var name: String {
    let hash = text.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
    return String(hash, radix: 16)
  }

  init(_ route: Definitions.Route, _ definitions: Definitions, _ settings: SettingsReader) {
    var writer = CanonicalWriter(definitions: definitions, settings: settings, directory: route.directory)
    writer.write(route.directory)
    if let from = route.from { writer.write(from) }
    var sourceWriter = writer
    sourceWriter.writeNamed()
    source = sourceWriter.text
    writer.write(route.node)
    writer.writeNamed()
    text = writer.text
    references = writer.references.finalize()
  }
}

/// Writes nodes so that equal definitions give equal text.
private struct CanonicalWriter {
  let definitions: Definitions
  let settings: SettingsReader
  let directory: String
  var text = ""
  var references = Hasher()
  private var named: [String: Definitions.Named] = [:]

  init(definitions: Definitions, settings: SettingsReader, directory: String) {
    self.definitions = definitions
    self.settings = settings
    self.directory = directory
  }

  mutating func write(_ node: Node) {
    switch node.value {
    case .scalar(let scalar, let plain):
      text += plain ? "" : "\""
      write(scalar)
      if scalar.contains("${") { writeReferences(scalar) }
    case .sequence(let elements):
      text += "["
      for element in elements {
        write(element)
        text += ","
      }
      text += "]"
    case .mapping(let entries):
      text += "{"
      for (key, value) in entries {
        write(key)
        text += ":"
        if key.text == "connection", let name = value.text {
          named["connection \(name)"] = definitions.connections[name]
        }
        if key.text == "use", let name = value.text { named["resource \(name)"] = definitions.resources[name] }
        write(value)
        text += ","
      }
      text += "}"
    }
  }

  /// Writes a text with its length, so that nothing in it can be taken for what stands around it.
  mutating func write(_ scalar: String) { text += "\(scalar.utf8.count):\(scalar)" }

  /// Writes the connections and resources that were named so far, and those that they name.
  mutating func writeNamed() {
    var written: Set<String> = []
    while let next = named.keys.filter({ !written.contains($0) }).min() {
      written.insert(next)
      text += next
      if let definition = named[next] {
        write(definition.component)
        write(definition.options)
      }
    }
  }

  private mutating func writeReferences(_ scalar: String) {
    let values = try? SettingReferences.replace(in: scalar) { reference throws(LoadScope.ReferenceProblem) in
      try settings.resolve(reference, directory: directory)
    }
    references.combine(values)
  }
}
