internal import Omnibus

/// Turns route files into routes, or into all that is wrong with them.
struct RouteLoader: Sendable {
  /// A route that was built, with what it was built from.
  struct Loaded: Sendable {
    let id: String
    let revision: Revision
    let place: Location
    /// Nil for a route that was not to be built since its revision is known.
    let built: BuiltRoute?

    var isFedByRoutes: Bool { built?.source.isFedByRoutes ?? false }
  }

  let catalog: Catalog
  let environment: EngineEnvironment
  /// Is told of the files that references and the components of routes read.
  var read = FilesOfLoad()

  /// A route that runs: what is new need not be built where its revision is the same.
  struct Known: Sendable {
    let revision: Revision
    let source: any Source
    let shared: [SharedMiddleware.Key: SharedMiddleware.Made]
  }

  /// Reads and builds all routes but those whose revision is in `known`, which are read only. Middleware of `known` whose
  /// definition is the same is taken over with its state. Where `only` names a route, it alone is built, known or not.
  func load(
    _ files: RouteFiles, known: [String: Known] = [:], only: String? = nil
  ) throws(Diagnostics) -> [Loaded] {
    var reader = DefinitionReader()
    reader.read(files)
    var problems = reader.problems
    problems.append(contentsOf: checkNamed(reader.definitions))
    let definitions = CanonicalDefinitions(reader.definitions, environment.settings, read)
    let shared = SharedMiddleware(known: known.values.map(\.shared))
    var loaded: [Loaded] = []
    var claims = Claims()
    for route in reader.definitions.routes {
      let definition = Revision(route, definitions)
      let place = (route.from ?? route.node).location
      let isShown = route.from.map { !reader.definitions.holdReference($0) } ?? true
      if let known = known[route.id], only.map({ $0 != route.id }) ?? known.revision.holds(for: definition, files.named)
      {
        read.add(known.revision.files)
        claims.add(known.source, route.id, place, isShown: isShown)
        if only != nil { continue }
        loaded.append(Loaded(id: route.id, revision: known.revision, place: place, built: nil))
        continue
      }
      let builder = builder(
        definitions, shared, route: route.id, revision: definition.name, directory: route.directory,
        routesFolder: files.folder)
      builder.context.files.kept = files.named
      let built = builder.build(route, of: definition)
      read.add(builder.context.files.all)
      problems.append(contentsOf: builder.problems)
      if let (built, revision) = built {
        claims.add(built.source, route.id, place, isShown: isShown)
        loaded.append(Loaded(id: route.id, revision: revision, place: place, built: built))
      }
    }
    problems.append(contentsOf: claims.problems)
    guard problems.isEmpty else { throw Diagnostics(problems.sortedAndUnique) }
    return loaded
  }

  /// Builds a list of steps that belongs to no route.
  func loadSteps(_ bytes: [UInt8], file: String, directory: String) throws(Diagnostics) -> Block {
    let document = YAMLParser.parse(bytes, file: file)
    guard let node = document.node else {
      if document.problems.isEmpty { return Block([]) }
      throw Diagnostics(document.problems)
    }
    let builder = builder(
      CanonicalDefinitions(Definitions(), environment.settings), SharedMiddleware(), route: "try", revision: "",
      directory: directory, routesFolder: nil)
    let block = builder.block(node.entries == nil ? node : Node(.sequence([node]), at: node.location))
    let problems = document.problems + builder.problems
    guard let block, problems.isEmpty else { throw Diagnostics(problems.sortedAndUnique) }
    return block
  }

  private func builder(
    _ definitions: CanonicalDefinitions, _ shared: SharedMiddleware, route: String, revision: String, directory: String,
    routesFolder: String?
  ) -> RouteBuilder {
    RouteBuilder(
      catalog: catalog, definitions: definitions, shared: shared,
      context: environment.context(
        route: route, revision: revision, directory: directory, routesFolder: routesFolder, formats: catalog.formats))
  }

  /// Whether connections and resources name components, and connections only options that one of these has.
  private func checkNamed(_ definitions: Definitions) -> [Diagnostic] {
    definitions.connections.values.flatMap(checkConnection) + definitions.resources.values.flatMap(checkResource)
  }

  private func checkConnection(_ connection: Definitions.Named) -> [Diagnostic] {
    let components = catalog.sharing(.connection, of: connection.component.text ?? "")
    guard !components.isEmpty else {
      return [.unknownName("connector", connection.component, among: catalog.shared(.connection))]
    }
    return checkShared(connection, components)
  }

  /// A resource is middleware, or options that components name.
  private func checkResource(_ resource: Definitions.Named) -> [Diagnostic] {
    let name = resource.component.text ?? ""
    let components = catalog.sharing(.resource, of: name)
    if !components.isEmpty { return checkShared(resource, components) }
    guard catalog.component(name, .middleware) == nil else { return [] }
    let names = catalog.names(.middleware) + catalog.shared(.resource)
    return [.unknownName("middleware", resource.component, among: names)]
  }

  /// Whether named options are such as one of the components has that take them.
  private func checkShared(_ named: Definitions.Named, _ components: [Component]) -> [Diagnostic] {
    let name = named.component.text ?? ""
    let known = components.flatMap { component in
      if case .fields(let fields) = component.shape { fields.map(\.name) } else { [String]() }
    }
    guard let entries = named.options.entries else {
      return [
        Diagnostic(
          "mistyped-option", at: named.options.location,
          "\(name) takes a map of options, found \(named.options.kindName)")
      ]
    }
    return entries.filter { !known.contains($0.key.text ?? "") }.map {
      .unknown("option", $0.key, of: name, among: Array(Set(known)))
    }
  }
}

extension Definitions {
  /// Whether the source that is written at `from`, or its connection, is written with `${ }`.
  fileprivate func holdReference(_ from: Node) -> Bool {
    let connection = from.entries?.first?.value["connection"]?.text.flatMap { connections[$0] }
    return from.holdsReference || connection?.options.holdsReference ?? false
  }
}

extension [Diagnostic] {
  /// By file and place, each once: a shared resource is built for each route that uses it.
  var sortedAndUnique: [Diagnostic] {
    var known: Set<Diagnostic> = []
    return filter { known.insert($0).inserted }.sorted { a, b in
      (a.location.file, a.location.line, a.location.column) < (b.location.file, b.location.line, b.location.column)
    }
  }
}
