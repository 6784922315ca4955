package import Omnibus

extension RouteBuilder {
  /// The single key of a map such as `to: { rest: { … } }`.
  func only(_ node: Node, _ what: String, _ role: Component.Role) -> (name: Node, options: Node)? {
    if let entries = node.entries, entries.count == 1 { return (entries[0].key, entries[0].value) }
    let names = node.entries?.map { $0.key.text ?? "" } ?? []
    let name = names.first ?? node.text.flatMap { catalog.component($0, role)?.name } ?? "name"
    let found = names.isEmpty ? node.kindName : names.joined(separator: ", ")
    report(
      "bad-use", node.location, "\(what) takes a map with exactly one \(role.rawValue), found \(found)",
      help: "write \(what): { \(name): { … } }" + (names.count > 1 ? ", and use the others elsewhere" : ""))
    return nil
  }

  func find(_ name: Node, _ role: Component.Role) -> Component? {
    let text = name.text ?? ""
    if let component = catalog.component(text, role) { return component }
    let others = catalog.components(named: text).map(\.role)
    let names = catalog.names(role) + (role == .step ? ["to"] : role == .middleware ? ["use"] : [])
    var problem = Diagnostic.unknownName(role.rawValue, name, among: names)
    if let other = others.first(where: { role == .step && $0 == .destination }) ?? others.first {
      problem.message = "\"\(text)\" is a \(other.rawValue), not a \(role.rawValue)"
      problem.help = "write \(other.usage(of: text))"
    } else {
      problem.notes += catalog.missing
    }
    problems.append(problem)
    return nil
  }

  func make(_ component: Component, _ options: Node, _ scope: LoadScope) -> Component.Made? {
    let connection = component.connection == nil ? nil : options["connection"]?.text
    guard let options = merged(options, component) else { return nil }
    let context = scope.context ?? context
    let made = component.make(options, scope, context)
    problems.append(contentsOf: scope.problems)
    if case .step(let step as any ConnectedStep) = made {
      let name = connection.map { "connection \"\($0)\"" } ?? component.name
      connections.append(RouteConnection(name, at: context, step, holdsSource: !isOnBranch))
    }
    return made
  }

  func scope(_ subject: String, _ context: Context) -> LoadScope {
    LoadScope(subject: subject, context: context, builder: self)
  }

  func report(_ code: String, _ place: Location, _ message: String, help: String? = nil) {
    problems.append(Diagnostic(code, at: place, message, help: help))
  }

  /// The options with those of the connection, or the like, that they name and do not set themselves; nothing merges
  /// deeper. Nil after a report of one that cannot be had: what is missing then is not known.
  private func merged(_ options: Node, _ component: Component) -> Node? {
    // Most uses name none, and need not have the shape worked out.
    guard let shared = component.shared, let reference = options[shared.key], var entries = options.entries,
      component.takesShared, case .fields(let fields) = component.shape
    else { return options }
    entries.removeAll { $0.key.text == shared.key }
    guard let named = named(reference, shared) else { return nil }
    let known = Set(fields.map(\.name))
    for entry in named.options.entries ?? [] where known.contains(entry.key.text ?? "") {
      if !entries.contains(where: { $0.key.text == entry.key.text }) { entries.append(entry) }
    }
    return Node(.mapping(entries), at: options.location)
  }

  /// The named options that are referred to; nil after a report.
  private func named(_ reference: Node, _ shared: SharedOptions) -> Definitions.Named? {
    let (kind, name) = (shared.table.rawValue, reference.text ?? "")
    let all = shared.table == .connection ? definitions.connections : definitions.resources
    guard let named = all[name] else {
      let fitting = all.filter { shared.table == .connection || $0.value.component.text == shared.kind }
      problems.append(.unknownName(kind, reference, among: fitting.keys.sorted()))
      return nil
    }
    guard named.component.text == shared.kind else {
      problems.append(
        Diagnostic(
          "wrong-\(kind)", at: reference.location,
          "\(kind) \"\(name)\" is for \(named.component.text ?? ""), not for \(shared.kind)",
          notes: [.init(named.name.location, "it is defined here")]))
      return nil
    }
    return named
  }
}

extension RouteBuilder: LoadScope.Builder {
  /// Builds nested steps; their problems are this builder's.
  package func block(_ node: Node, in scope: LoadScope, isBranch: Bool) -> Block? {
    let before = problems.count
    let block = onBranch(isOnBranch || isBranch) { self.block(node) }
    if problems.count > before {
      scope.report(Array(problems[before...]))
      problems.removeSubrange(before...)
    }
    return block
  }

  /// What the component makes of its options; its problems are reported to `scope`.
  package func component(
    _ role: Component.Role, named name: Node, options: Node, in scope: LoadScope
  ) -> Component.Made? {
    let before = problems.count
    defer {
      scope.report(Array(problems[before...]))
      problems.removeSubrange(before...)
    }
    guard let component = find(name, role) else { return nil }
    return make(component, options, self.scope(component.name, scope.context ?? context))
  }

  /// The text of a setting.
  package func resolve(_ reference: String) throws(LoadScope.ReferenceProblem) -> String {
    try settings.resolve(reference, directory: context.directory)
  }
}

extension Component {
  /// Whether it cuts messages into parts, which go through its steps by themselves.
  var cutsParts: Bool { if case .using(.splitter, _) = shape { true } else { false } }

  /// Whether named options can stand in for its own: there are such for it, and it has no option of the key that names
  /// them.
  package var takesShared: Bool {
    guard let shared, case .fields(let fields) = shape else { return false }
    return !fields.contains { $0.name == shared.key }
  }
}

extension Component.Role {
  /// How a component of this role is written.
  fileprivate func usage(of name: String) -> String {
    switch self {
    case .source: "from: { \(name): { … } }"
    case .destination: "to: { \(name): { … } }"
    case .step: "- \(name): …"
    case .middleware: "middleware: [ { \(name): … } ]"
    case .splitter: "split: { \(name): { … }, steps: […] }"
    }
  }
}
