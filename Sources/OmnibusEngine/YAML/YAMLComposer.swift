internal import CLibYAML
internal import Omnibus

/// Makes one document's nodes out of libyaml's events.
struct YAMLComposer {
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let file: String
  private var event = yaml_event_t()
  private var anchors: [String: Node] = [:]
  private var count = 0
  /// What is wrong and yet leaves the rest readable.
  private(set) var problems: [Diagnostic] = []
  /// The lists and maps in brackets that are open, innermost last.
  private var brackets: [(start: Location, close: String)] = []

  /// A composer for a parser that has its input, and outlives it.
  init(_ parser: UnsafeMutablePointer<yaml_parser_t>, file: String) {
    self.parser = parser
    self.file = file
  }

  /// The only document, nil where there is none.
  mutating func document() throws(Diagnostic) -> Node? {
    defer { yaml_event_delete(&event) }
    var document: Node?
    while true {
      switch try next() {
      case YAML_STREAM_END_EVENT: return document
      case YAML_DOCUMENT_START_EVENT:
        guard document == nil else {
          throw Diagnostic(
            "several-documents", at: location(event.start_mark), "a second document begins here, only one is read",
            help: "put it into a file of its own")
        }
        try next()
        document = try node(depth: 1)
      default: break
      }
    }
  }

  // MARK: nodes

  /// The node that the current event begins; afterwards its last event is the current one.
  private mutating func node(depth: Int) throws(Diagnostic) -> Node {
    let start = location(event.start_mark)
    try count(1, at: start)
    guard depth <= YAMLParser.maxDepth else {
      throw Diagnostic("too-deep", at: start, "nested deeper than \(YAMLParser.maxDepth) levels")
    }
    switch event.type {
    case YAML_SCALAR_EVENT:
      let anchor = string(event.data.scalar.anchor)
      let node = scalar()
      if let anchor { anchors[anchor] = node }
      return node
    case YAML_ALIAS_EVENT:
      return try alias(string(event.data.alias.anchor) ?? "", at: start)
    case YAML_SEQUENCE_START_EVENT:
      let anchor = string(event.data.sequence_start.anchor)
      let isFlow = event.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE
      if isFlow { brackets.append((start, "]")) }
      var elements: [Node] = []
      while try next() != YAML_SEQUENCE_END_EVENT { elements.append(try self.node(depth: depth + 1)) }
      if isFlow { brackets.removeLast() }
      let node = Node(.sequence(elements), at: start)
      if let anchor { anchors[anchor] = node }
      return node
    case YAML_MAPPING_START_EVENT:
      let anchor = string(event.data.mapping_start.anchor)
      let isFlow = event.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE
      if isFlow { brackets.append((start, "}")) }
      let node = Node(.mapping(try entries(depth: depth)), at: start)
      if isFlow { brackets.removeLast() }
      if let anchor { anchors[anchor] = node }
      return node
    default:
      throw Diagnostic("yaml-syntax", at: start, "unexpected YAML event \(event.type.rawValue)")
    }
  }

  private func scalar() -> Node {
    let scalar = event.data.scalar
    let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
    let isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE
    var place = location(event.start_mark)
    let onOneLine = event.start_mark.line == event.end_mark.line
    let width = onOneLine ? Int(event.end_mark.column) - Int(event.start_mark.column) : 1
    place.length = max(width, 1)
    let quotes = isPlain ? 0 : 1
    let isVerbatim = onOneLine && width == text.unicodeScalars.count + 2 * quotes
    return Node(.scalar(text, plain: isPlain), at: place, textOffset: isVerbatim ? quotes : nil)
  }

  private mutating func alias(_ name: String, at start: Location) throws(Diagnostic) -> Node {
    guard let node = anchors[name] else {
      try bound(problems.count, at: start)
      let nearest = NearestName.of(name, among: anchors.keys).map { "; did you mean \"*\($0)\"?" } ?? ""
      problems.append(
        Diagnostic(
          "unknown-alias", at: start, "no anchor \"&\(name)\" stands before this alias\(nearest)",
          help: "an anchor must be complete, and above its alias"))
      return Node(.mapping([]), at: start)
    }
    try count(size(of: node), at: start)
    return node
  }

  private mutating func entries(depth: Int) throws(Diagnostic) -> [(key: Node, value: Node)] {
    var entries: [(key: Node, value: Node)] = []
    var places: [String: Location] = [:]
    var merges: [Node] = []
    while try next() != YAML_MAPPING_END_EVENT {
      let key = try node(depth: depth + 1)
      try next()
      let value = try node(depth: depth + 1)
      guard let name = key.text else {
        try bound(problems.count, at: key.location)
        problems.append(Diagnostic("bad-key", at: key.location, "a key must be text, found \(key.kindName)"))
        continue
      }
      if name == "<<", case .scalar(_, plain: true) = key.value {
        merges.append(value)
      } else if let first = places[name] {
        try bound(problems.count, at: key.location)
        problems.append(
          Diagnostic(
            "duplicate-key", at: key.location, "the key \"\(name)\" stands here a second time",
            help: "remove one of the two", notes: [.init(first, "it stands here first")]))
      } else {
        places[name] = key.location
        entries.append((key, value))
      }
    }
    for merge in merges { apply(merge, to: &entries, taken: &places) }
    return entries
  }

  /// Adds the entries of a merged map, or of each of a list of maps; what is there already wins.
  private mutating func apply(
    _ merge: Node, to entries: inout [(key: Node, value: Node)], taken: inout [String: Location]
  ) {
    for source in merge.elements ?? [merge] {
      guard let merged = source.entries else {
        problems.append(
          Diagnostic(
            "bad-merge", at: source.location, "\"<<\" takes a map or a list of maps, found \(source.kindName)"))
        continue
      }
      for entry in merged {
        guard let name = entry.key.text, taken[name] == nil else { continue }
        taken[name] = entry.key.location
        entries.append(entry)
      }
    }
  }

  // MARK: bounds

  /// Gives up on a file with so many problems: nobody reads more, and to find what each may have meant takes time.
  private func bound(_ problems: Int, at place: Location) throws(Diagnostic) {
    guard problems < YAMLParser.maxProblems else {
      throw Diagnostic(
        "too-many-problems", at: place, "more than \(YAMLParser.maxProblems) problems, the rest is not read")
    }
  }

  private mutating func count(_ nodes: Int, at place: Location) throws(Diagnostic) {
    count += nodes
    guard count <= YAMLParser.maxNodes else {
      throw Diagnostic(
        "too-large", at: place, "more than \(YAMLParser.maxNodes) values, counting what aliases stand for")
    }
  }

  private func size(of node: Node) -> Int {
    switch node.value {
    case .scalar: 1
    case .sequence(let elements): elements.reduce(1) { $0 + size(of: $1) }
    case .mapping(let entries): entries.reduce(1) { $0 + 1 + size(of: $1.value) }
    }
  }

  // MARK: events

  @discardableResult
  private mutating func next() throws(Diagnostic) -> yaml_event_type_t {
    yaml_event_delete(&event)
    guard yaml_parser_parse(parser, &event) == 1 else { throw syntaxError() }
    return event.type
  }

  private func syntaxError() -> Diagnostic {
    let state = parser.pointee
    let problem = state.problem.map { String(cString: $0) } ?? "syntax error"
    let hasMarks = state.error == YAML_SCANNER_ERROR || state.error == YAML_PARSER_ERROR
    let place = location(hasMarks ? state.problem_mark : state.mark)
    if problem.contains("cannot start any token") || problem.contains("tab character"), startsWithTab(state) {
      return Diagnostic(
        "tab-indentation", at: place, "a tab where YAML takes only spaces", help: "indent with two spaces a level")
    }
    if let bracket = brackets.last, place.line > bracket.start.line {
      let what = bracket.close == "]" ? "list" : "map"
      return Diagnostic(
        "yaml-syntax", at: bracket.start, "the \(what) that begins here is not closed: \(problem)",
        help: "close it with \"\(bracket.close)\"", notes: [.init(place, "it was still open here")])
    }
    let context = state.context.map { String(cString: $0) }
    let begin = location(hasMarks ? state.context_mark : state.mark)
    let notes = context.flatMap { begin == place ? nil : [Diagnostic.Note(begin, $0)] } ?? []
    return Diagnostic("yaml-syntax", at: place, problem, notes: notes)
  }

  /// Whether the character that the scanner stumbled over is a tab.
  private func startsWithTab(_ state: yaml_parser_t) -> Bool {
    guard let pointer = state.buffer.pointer, pointer < state.buffer.last else { return false }
    return pointer.pointee == UInt8(ascii: "\t")
  }

  private func location(_ mark: yaml_mark_t) -> Location {
    Location(file: file, line: Int(mark.line) + 1, column: Int(mark.column) + 1)
  }

  private func string(_ text: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    text.map { String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self)) }
  }
}
