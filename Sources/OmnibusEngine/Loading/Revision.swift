internal import Omnibus

/// What a route is made of, for telling whether it changed and where: its definition, the connections and resources that
/// it names, what its `${env:}` and `${file:}` stand for, and the files that its components read.
struct Revision: Sendable, Equatable {
  /// Digests of what stands under the route's keys, and of what it names, by what it is for people.
  private var parts: [String: Canonical]
  /// The definition and all that it names, but for files that components read: those are known when they are made.
  private let definition: Canonical
  /// With those files.
  private var whole: Canonical
  /// The part that the source is made of.
  private var source: Canonical
  private(set) var files: [NamedFiles.File] = []

  /// Whether a route of the other revision can go on with the same source.
  func hasSameSource(as other: Revision) -> Bool { source == other.source }

  /// A short name of the definition, the same in every process, in hexadecimal.
  var name: String { String(whole.digest.first, radix: 16) }

  /// Whether this is what would be built of `definition` now: the same, with files that have not changed; those in `kept`
  /// are read from there.
  func holds(for definition: Revision, _ kept: [String: [UInt8]]) -> Bool {
    self.definition == definition.definition && !files.contains { $0.hasChanged(kept) }
  }

  /// With the files that components read.
  func adding(_ files: [NamedFiles.File]) -> Revision {
    var revision = self
    for file in files {
      var canonical = Canonical()
      canonical.digest.add(file.path)
      if let digest = file.digest { canonical.digest.add(digest) }
      revision.parts["file \(file.path)"] = canonical
      revision.whole.add(canonical)
      if file.isOfSource { revision.source.add(canonical) }
    }
    revision.files = files
    return revision
  }

  static func == (a: Revision, b: Revision) -> Bool { a.whole == b.whole }

  /// What is other than in `former`: `source`, `steps`, `connection NAME` and so on.
  func differences(from former: Revision) -> [String] {
    Set(parts.keys).union(former.parts.keys).sorted().compactMap { name in
      let (now, then) = (parts[name], former.parts[name])
      guard now != then else { return nil }
      return now?.digest == then?.digest ? "\(name) (a value of ${…})" : name
    }
  }

  init(_ route: Definitions.Route, _ definitions: CanonicalDefinitions) {
    var parts: [String: Canonical] = [:]
    var named: Set<CanonicalDefinitions.Name> = []
    var source = Canonical()
    for (key, value) in route.node.entries ?? [] {
      var writer = definitions.writer(in: route.directory)
      writer.write(value)
      let key = key.text ?? ""
      parts[key == "from" ? "source" : key] = writer.canonical
      named.formUnion(writer.named)
      guard key == "from" else { continue }
      source.add(writer.canonical)
      for (name, canonical) in definitions.all(writer.named, in: route.directory) {
        source.digest.add(name.description)
        source.add(canonical)
      }
    }
    for (name, canonical) in definitions.all(named, in: route.directory) { parts[name.description] = canonical }
    var directory = definitions.writer(in: route.directory)
    directory.write(route.directory)
    parts["folder"] = directory.canonical
    source.add(directory.canonical)

    var whole = Canonical()
    for (name, canonical) in parts.sorted(by: { $0.key < $1.key }) {
      whole.digest.add(name)
      whole.add(canonical)
    }
    self.parts = parts
    definition = whole
    self.whole = whole
    self.source = source
  }
}
