internal import Omnibus
internal import OmnibusStore

extension RouteBuilder {
  /// The middleware that is listed on `step`, or on the route as a whole where that is nil, the outermost first.
  func middleware(_ list: Node, at step: Node?, _ context: Context) -> [any Middleware] {
    guard let elements = list.elements else {
      report(
        "not-a-list", list.location, "middleware is a list, found \(list.kindName)",
        help: "write [ { retry: { … } } ], the first the outermost")
      return []
    }
    var numbers: [String: Int] = [:]
    return elements.compactMap { element in
      guard let (name, options) = only(element, "middleware", .middleware), let text = name.text else { return nil }
      guard text != "use" else { return resource(options, context) }
      numbers[text, default: 0] += 1
      return inline(name, options, at: step, context.with(number: numbers[text] ?? 1))
    }
  }

  func wrap(_ handler: Handler, in middleware: [any Middleware]) -> Handler {
    middleware.reversed().reduce(handler) { inner, outer in outer.wrapping(inner) }
  }

  /// Middleware that stands in the route. That of a former revision is taken over where it stood in the same place and
  /// was defined in the same way.
  private func inline(_ name: Node, _ options: Node, at step: Node?, _ context: Context) -> (any Middleware)? {
    var writer = canonical.writer(in: context.directory)
    if let step { write(placeOf: step, to: &writer) }
    let definition = definition(name, options, &writer)
    let key = SharedMiddleware.Key(
      owner: .route(context.route, occurrence(of: definition)), definition: definition)
    return middleware(key, name, options, context)
  }

  /// Middleware of a resource, the same for all that name it.
  private func resource(_ name: Node, _ context: Context) -> (any Middleware)? {
    guard let text = name.text, let resource = definitions.resources[text] else {
      problems.append(.unknownName("resource", name, among: definitions.resources.keys.sorted()))
      return nil
    }
    var writer = canonical.writer(in: context.directory)
    let key = SharedMiddleware.Key(
      owner: .resource(text), definition: definition(resource.component, resource.options, &writer))
    return middleware(key, resource.component, resource.options, context.with(resource: text))
  }

  private func middleware(
    _ key: SharedMiddleware.Key, _ name: Node, _ options: Node, _ context: Context
  ) -> (any Middleware)? {
    let made = shared.middleware(key) {
      let (before, needs, connected) = (ordinal, storeNeed?.times, connections.count)
      var middleware: (any Middleware)?
      if let component = find(name, .middleware),
        // What stands in middleware is for what has failed.
        case .middleware(let made) = onBranch(true, { make(component, options, scope(component.name, context)) })
      {
        middleware = made
      }
      defer { connections.removeSubrange(connected...) }
      return SharedMiddleware.Made(
        middleware: middleware, canOutlive: ordinal == before, needsStore: storeNeed?.times != needs,
        connections: Array(connections[connected...]))
    }
    if made.needsStore { storeNeed?.note() }
    connections += made.connections
    guard let middleware = made.middleware else { return nil }
    if made.canOutlive { kept[key] = made }
    if let control = middleware as? any BreakerControl, !breakers.contains(where: { $0.control === control }) {
      breakers.append((context.place, control))
    }
    return middleware
  }

  /// What stays of a step when others around it change: its id, else what it does.
  private func write(placeOf step: Node, to writer: inout CanonicalWriter) {
    if let id = step["id"]?.text { return writer.write("id \(id)") }
    guard let verb = step.entries?.first(where: { !Self.besideVerb.contains($0.key.text ?? "") }) else { return }
    writer.write(verb.key)
    // Other steps may hold steps, whose changes are none of theirs.
    if verb.key.text == "to" { writer.write(verb.value) }
  }

  /// A definition with all that it names.
  private func definition(_ name: Node, _ options: Node, _ writer: inout CanonicalWriter) -> Canonical {
    writer.write(name)
    writer.write(options)
    var definition = writer.canonical
    for (_, named) in canonical.all(writer.named, in: context.directory) { definition.add(named) }
    return definition
  }
}
