package import Omnibus
internal import OmnibusStore

/// Builds what one route's YAML describes. Nothing is started, opened or connected by it.
package final class RouteBuilder {
  let catalog: Catalog
  let canonical: CanonicalDefinitions
  let context: Context
  let shared: SharedMiddleware
  var problems: [Diagnostic] = []
  /// The middleware of this route whose state is to outlive it.
  var kept: [SharedMiddleware.Key: SharedMiddleware.Made] = [:]
  var breakers: [BuiltRoute.Breaker] = []
  var connections: [RouteConnection] = []
  /// Whether what is built is for some of the messages only.
  private(set) var isOnBranch = false
  /// Where messages that were kept as dead letters go on, of the steps that were built.
  private var entries: [RouteEntry] = []
  /// Where the ids of steps stand, and whether they were given or made of the verb.
  private var stepPlaces: [String: (place: Location, isGiven: Bool)] = [:]
  private var occurrences: [Canonical: Int] = [:]
  /// How many steps were begun.
  private(set) var ordinal = 0

  static let besideVerb = ["id", "middleware", "reply"]
  /// The names of properties that sources and steps set, beside which a destination keeps its answer under its id, and what
  /// stands for the route as a whole.
  package static let reservedIDs: Set = [
    "dead_letter", "direct", "failure", "file", "part", "queue", "record", "request", "route", "s3", "split", "status",
    "timer",
  ]

  /// A builder for the route that `context` names.
  init(
    catalog: Catalog, definitions: CanonicalDefinitions, shared: SharedMiddleware, context: Context
  ) {
    self.catalog = catalog
    canonical = definitions
    self.shared = shared
    self.context = context
  }

  /// A builder for what belongs to no route, such as a component in a test.
  package convenience init(catalog: Catalog, context: Context) {
    self.init(
      catalog: catalog, definitions: CanonicalDefinitions(Definitions(), SettingsReader()), shared: SharedMiddleware(),
      context: context)
  }

  var definitions: Definitions { canonical.definitions }
  var storeNeed: StoreNeed? { context.services[StoreNeed.self] }
  var settings: SettingsReader { canonical.settings }

  /// Which one it is of the equal pieces of this route, from 1.
  func occurrence(of definition: Canonical) -> Int {
    occurrences[definition, default: 0] += 1
    return occurrences[definition] ?? 1
  }

  /// The route that `definition` is of, with the revision that it has with the files that its components read; nil after
  /// a report of all that is wrong.
  func build(_ route: Definitions.Route, of definition: Revision) -> (route: BuiltRoute, revision: Revision)? {
    let source = route.from.flatMap { self.source($0) }
    let block = route.steps.flatMap { self.block($0) }
    let middleware = route.middleware.map { self.middleware($0, at: nil, context) } ?? []
    guard problems.isEmpty, let source, let block else { return nil }
    let run = Handler { message, _ in try await block.run(&message) }
    let revision = definition.adding(context.files.all)
    context.files.revision = revision.name
    let meters = isMeasured ? RouteMeters(context, of: source) : nil
    func measured(_ handler: Handler) -> Handler { meters?.measuring(handler) ?? handler }
    let built = BuiltRoute(
      source: source, handler: measured(wrap(run, in: middleware)), context: context, description: route.description,
      shared: kept, breakers: breakers, connections: connections,
      admitting: middleware.compactMap { $0 as? any AdmittingMiddleware },
      needsStore: storeNeed?.times ?? 0 > 0,
      entries: Dictionary(entries.map { ($0.step, measured($0.run)) }) { first, _ in first })
    return (built, revision)
  }

  /// Whether anybody wants to know of messages.
  private var isMeasured: Bool { context.metrics.measuresMessages || context.services[Tracer.self] != nil }

  /// The source under `from`.
  private func source(_ node: Node) -> (any Source)? {
    guard let (name, options) = only(node, "from", .source), let component = find(name, .source) else { return nil }
    let scope = scope(component.name, context.with(step: "from"))
    guard case .source(let source) = make(component, options, scope) else { return nil }
    return source
  }

  // MARK: steps

  /// The block for a list of steps.
  func block(_ node: Node) -> Block? {
    guard let elements = node.elements else {
      report("not-a-list", node.location, "steps are a list, found \(node.kindName)", help: "write [] for none")
      return nil
    }
    let before = problems.count
    let outer = entries
    var found: [(entry: RouteEntry, stage: Int)] = []
    var stages: [Block.Stage] = []
    for element in elements {
      entries = []
      guard let stage = stage(element) else { continue }
      found += entries.map { ($0, stages.count) }
      stages.append(stage)
    }
    entries = outer + found.map { $0.entry.followed(by: stages[$0.stage...]) }
    return problems.count == before ? Block(stages) : nil
  }

  /// Builds what stands on a branch, or does not.
  func onBranch<Result>(_ isOnBranch: Bool, _ build: () -> Result) -> Result {
    let outer = self.isOnBranch
    self.isOnBranch = isOnBranch
    defer { self.isOnBranch = outer }
    return build()
  }

  private func stage(_ node: Node) -> Block.Stage? {
    guard let (verb, options) = verb(of: node) else { return nil }
    ordinal += 1
    let name = verb.text ?? ""
    let context = context.with(step: stepID(node, fallback: "\(name)-\(ordinal)"))
    let middleware = node["middleware"].map { self.middleware($0, at: node, context) } ?? []
    let made = name == "to" ? destination(node, options, context) : step(verb, options, context)
    if name != "to", let reply = node["reply"] {
      report("misplaced-key", reply.location, "only \"to\" takes \"reply\"", help: "remove it")
    }
    guard let (work, scope) = made else { return nil }
    if middleware.contains(where: { $0 is any LetterKeeping }) { entries.append(RouteEntry(at: context.step)) }
    return Block.Stage(
      middleware.isEmpty ? work : .wrapped(wrap(work.handler, in: middleware)), component: scope.subject,
      context: context, isOneWay: isOneWay(node), readsBody: scope.readsBody,
      spanKind: name != "to" ? .internal : answers(node) ? .client : .producer)
  }

  /// The one key of a step that says what it does.
  private func verb(of node: Node) -> (verb: Node, options: Node)? {
    guard let entries = node.entries else {
      let help = node.text.map { "write \"- \($0): {}\"" }
      report("not-a-map", node.location, "a step is a map with one verb, found \(node.kindName)", help: help)
      return nil
    }
    let verbs = entries.filter { !Self.besideVerb.contains($0.key.text ?? "") }
    guard let first = verbs.first else {
      report("missing-verb", node.location, "the step does not say what it does", help: "add a verb such as to: { … }")
      return nil
    }
    if verbs.count > 1 {
      reportSeveral(verbs.map(\.key))
      return nil
    }
    return (first.key, first.value)
  }

  private func reportSeveral(_ keys: [Node]) {
    let verb = keys.first { isVerb($0.text ?? "") } ?? keys[0]
    guard let extra = keys.first(where: { !isVerb($0.text ?? "") && $0.text != verb.text }) ?? keys.dropFirst().first
    else { return }
    let name = extra.text ?? ""
    let nearest = NearestName.of(name, among: Self.besideVerb).map { "; did you mean \"\($0)\"?" } ?? ""
    let isMiddleware = catalog.component(name, .middleware) != nil
    report(
      "several-verbs", extra.location,
      "a step does one thing: this one is \"\(verb.text ?? "")\", found also \"\(name)\"\(nearest)",
      help: isMiddleware
        ? "write middleware: [ { \(name): … } ]"
        : "begin another step with \"- \", or indent the key to make it an option")
  }

  private func isVerb(_ name: String) -> Bool { name == "to" || catalog.component(name, .step) != nil }

  private func stepID(_ node: Node, fallback: String) -> String {
    guard let id = node["id"] else { return registered(fallback, at: node.location, isGiven: false) }
    guard let text = id.text, isIdentifier(text) else {
      report("bad-id", id.location, "an id is 1 to 100 letters, digits, \"-\", \"_\" or \".\", found \(id.kindName)")
      return registered(fallback, at: node.location, isGiven: false)
    }
    if Self.reservedIDs.contains(text) {
      report(
        "reserved-id", id.location, "\"\(text)\" means something else already, and cannot be the id of a step",
        help: "a step keeps its answer in properties by its id: give it another, such as \"\(text)-step\"")
    }
    return registered(text, at: id.location, isGiven: true)
  }

  /// The id, which is reported where another step has it: what a step did is known by its id.
  private func registered(_ id: String, at place: Location, isGiven: Bool) -> String {
    guard let first = stepPlaces.updateValue((place, isGiven), forKey: id) else { return id }
    guard first.isGiven == isGiven else {
      let (given, made) = isGiven ? (place, first.place) : (first.place, place)
      problems.append(
        Diagnostic(
          "duplicate-step", at: given, "a step of this route that has no id is called \"\(id)\"",
          help: "give this one another id", notes: [.init(made, "it stands here")]))
      return id
    }
    problems.append(
      Diagnostic(
        "duplicate-step", at: place, "this route has a step \"\(id)\" already",
        help: "give one of the two another id", notes: [.init(first.place, "it stands here first")]))
    return id
  }

  private func step(_ verb: Node, _ options: Node, _ context: Context) -> (Block.Stage.Work, LoadScope)? {
    guard let component = find(verb, .step) else { return nil }
    let scope = scope(component.name, context)
    let made = make(component, options, scope)
    if component.cutsParts { entries = entries.map(\.ofPart) }
    switch made {
    case .step(let step): return (.step(step), scope)
    case .transformer(let transformer): return (.transformer(transformer), scope)
    default: return nil
    }
  }

  private func destination(_ node: Node, _ target: Node, _ context: Context) -> (Block.Stage.Work, LoadScope)? {
    let ignoresReply = node["reply"].map(readReply) ?? false
    guard let (name, options) = only(target, "to", .destination), let component = find(name, .destination) else {
      return nil
    }
    let scope = scope(component.name, context)
    guard case .step(let made) = make(component, options, scope) else { return nil }
    let step = isMeasured ? MeasuredDestination(made, connector: component.name, context) : made
    return (.step(ignoresReply ? ReplyIgnored(step: step) : step), scope)
  }

  private func readReply(_ node: Node) -> Bool {
    if node.text == "ignore" { return true }
    report("mistyped-option", node.location, "reply takes ignore, found \(node.kindName)")
    return false
  }

  /// Whether the step is a `to` without an answer: a route that ends in it answers its sender without a body.
  private func isOneWay(_ step: Node) -> Bool {
    guard step["to"]?.entries?.count == 1 else { return false }
    return step["reply"] != nil || !answers(step)
  }

  /// Whether the destination of a `to` answers.
  private func answers(_ step: Node) -> Bool {
    guard let name = step["to"]?.entries?.first?.key.text else { return true }
    return catalog.component(name, .destination)?.answers ?? true
  }
}
