import Omnibus

/// The instructions of one schema, while they are made of its keywords. What is no value of a keyword is passed over: the
/// meta-schema has reported it.
struct SchemaBody {
  let compiler: SchemaCompiler
  let document: SchemaDocument
  let resource: Int
  let number: Int32
  let dialect: Dialect
  private var schema = 0
  private(set) var types = SchemaNode.Types.all
  private var typePlace: Int32?
  private var tracks = false
  var common: [Int32] = []
  var string: [Int32] = []
  var numeric: [Int32] = []
  var array: [Int32] = []
  var object: [Int32] = []
  /// What looks at the parts that nothing else has looked at, and so comes last.
  private var last: (array: [Int32], object: [Int32]) = ([], [])

  init(_ compiler: SchemaCompiler, _ document: SchemaDocument, _ resource: Int, node: Int32) {
    self.compiler = compiler
    self.document = document
    self.resource = resource
    number = node
    dialect = compiler.library.resources[resource].dialect
  }

  /// Reads the keywords of the schema at `index`.
  mutating func read(_ index: Int) {
    schema = index
    if dialect.draft == .draft7, let reference = document.member("$ref", of: index) {
      // All that stands beside it is not there (draft-handrews-json-schema-01, 8.3).
      return readReference(reference)
    }
    if let reference = document.member("$ref", of: index) { readReference(reference) }
    if dialect.draft != .draft7,
      let reference = document.member(dialect.draft == .draft202012 ? "$dynamicRef" : "$recursiveRef", of: index)
    {
      readDynamicReference(reference)
    }
    if dialect.vocabularies.contains(.applicator) { readApplicators() }
    if dialect.vocabularies.contains(.validation) { readAssertions() }
    if let format = keyword("format"), document.isString(format),
      compiler.checksFormats || dialect.vocabularies.contains(.formatAssertion),
      let known = ValueFormat(name: document.view.string(format), dialect.draft)
    {
      emit(.format, format, [Int32(known.rawValue)], to: \.string)
    }
    if dialect.draft == .draft7, compiler.checksFormats { readContent() }
    readMembers()
    readElements()
    if dialect.draft != .draft7, dialect.vocabularies.contains(.unevaluated) { readUnevaluated() }
  }

  /// Puts what was read into the program.
  func finish(_ node: inout SchemaNode) {
    node.types = types
    if let typePlace { node.place = typePlace }
    node.tracks = tracks
    func add(_ list: [Int32]) -> Int32 {
      guard !list.isEmpty else { return 0 }
      let start = Int32(compiler.tables.code.count)
      compiler.tables.code += list
      compiler.tables.code.append(Instruction.end.rawValue)
      return start
    }
    node.common = add(common)
    node.string = add(string)
    node.number = add(numeric)
    node.array = add(array + last.array)
    node.object = add(object + last.object)
    if types == .all, node.common == 0, node.string == 0, node.number == 0, node.array == 0, node.object == 0 {
      node.outcome = .always
    }
  }

  // MARK: pieces

  /// The index of the value of a keyword; nil where it is not there.
  func keyword(_ name: String) -> Int? { document.member(name, of: schema) }

  func place(_ index: Int) -> Int32 { compiler.place(document, index) }

  /// The node of a schema within this one.
  func node(_ index: Int) -> Int32 {
    compiler.node(SchemaPlace(document: document.number, index: index), resource)
  }

  mutating func emit(
    _ instruction: Instruction, _ index: Int, _ operands: [Int32], to list: WritableKeyPath<SchemaBody, [Int32]>
  ) {
    self[keyPath: list] += [instruction.rawValue, place(index)] + operands
  }

  /// Emits what looks at the same value with other schemas.
  private mutating func emit(_ instruction: Instruction, _ index: Int, before: [Int32] = [], nodes: [Int32]) {
    emit(instruction, index, before + nodes, to: \.common)
    note(nodes, index)
  }

  private func note(_ nodes: [Int32], _ index: Int) {
    for node in nodes where node >= 0 { compiler.note(number, leadsTo: node, at: place(index)) }
  }

  private func size(_ name: String) -> (index: Int, value: Int32)? {
    guard let index = keyword(name), let size = document.size(index) else { return nil }
    return (index, Int32(clamping: size))
  }

  // MARK: references

  private mutating func readReference(_ index: Int) {
    guard document.isString(index),
      let target = compiler.target(of: document.view.string(index), in: resource, document, index)
    else { return }
    emit(.reference, index, nodes: [target.node])
  }

  private mutating func readDynamicReference(_ index: Int) {
    guard document.isString(index),
      let target = compiler.target(of: document.view.string(index), in: resource, document, index)
    else { return }
    guard let anchor = target.dynamicAnchor else { return emit(.reference, index, nodes: [target.node]) }
    emit(.dynamicReference, index, [target.node, compiler.anchor(anchor)], to: \.common)
  }

  // MARK: applicators

  private mutating func readApplicators() {
    for (name, instruction) in [("allOf", Instruction.allOf), ("anyOf", .anyOf), ("oneOf", .oneOf)] {
      guard let index = keyword(name) else { continue }
      let nodes = document.elements(of: index).map { node($0) }
      guard !nodes.isEmpty else { continue }
      emit(instruction, index, before: [Int32(nodes.count)], nodes: nodes)
    }
    if let index = keyword("not") { emit(.not, index, nodes: [node(index)]) }
    if let index = keyword("if") {
      let (then, otherwise) = (keyword("then").map { node($0) } ?? -1, keyword("else").map { node($0) } ?? -1)
      if then >= 0 || otherwise >= 0 || dialect.draft != .draft7 {
        emit(.condition, index, nodes: [node(index), then, otherwise])
      }
    }
    if dialect.draft != .draft7, let index = keyword("dependentSchemas") { readDependencies(index) }
    if let index = keyword("dependencies") { readDependencies(index) }
    if let index = keyword("propertyNames") { emit(.propertyNames, index, [node(index)], to: \.object) }
    if let index = keyword("contains") {
      var (least, most) = (Int32(1), Int32.max)
      if dialect.draft != .draft7, dialect.vocabularies.contains(.validation) {
        if let size = size("minContains") { least = size.value }
        if let size = size("maxContains") { most = size.value }
      }
      emit(.contains, index, [node(index), least, most, dialect.draft == .draft202012 ? 1 : 0], to: \.array)
    }
  }

  private mutating func readDependencies(_ index: Int) {
    var found: [(name: String, value: Int)] = []
    document.forEachMember(of: index) { found.append(($0, $1)) }
    for (name, value) in found {
      let table = compiler.tables.addTable([(name, .init())])
      if document.view.rawKind(value) == 7 {
        emit(.dependentRequired, value, [table, names(value)], to: \.object)
      } else {
        emit(.dependentSchema, value, [table, node(value)], to: \.object)
        note([node(value)], value)
      }
    }
  }

  /// A table of the names in a list.
  private func names(_ index: Int) -> Int32 {
    let names = Set(document.elements(of: index).filter(document.isString).map(document.view.string))
    return compiler.tables.addTable(names.sorted().map { ($0, .init(isRequired: true)) })
  }

  private mutating func readUnevaluated() {
    if let index = keyword("unevaluatedItems") {
      last.array += [Instruction.unevaluatedItems.rawValue, place(index), node(index)]
      tracks = true
    }
    if let index = keyword("unevaluatedProperties") {
      last.object += [Instruction.unevaluatedProperties.rawValue, place(index), node(index)]
      tracks = true
    }
  }

  /// What a text holds, which draft 7 lets be checked (draft-handrews-json-schema-validation-01, 8): Base64, JSON, or JSON in
  /// Base64.
  private mutating func readContent() {
    let encoding = keyword("contentEncoding").flatMap { document.isString($0) ? $0 : nil }
    let type = keyword("contentMediaType").flatMap { document.isString($0) ? $0 : nil }
    let isJSON = type.map(document.view.string) == "application/json"
    // What is encoded in another way cannot be looked into.
    guard let index = isJSON ? type : encoding, ["base64", nil].contains(encoding.map(document.view.string)) else {
      return
    }
    emit(.content, index, [encoding == nil ? 0 : 1, isJSON ? 1 : 0], to: \.string)
  }

  // MARK: members and elements

  private mutating func readMembers() {
    var members: [(name: String, entry: SchemaTables.Member)] = []
    var numbers: [String: Int] = [:]
    func add(_ name: String, _ change: (inout SchemaTables.Member) -> Void) {
      let number = numbers[name] ?? members.count
      if number == members.count {
        numbers[name] = number
        members.append((name, .init()))
      }
      change(&members[number].entry)
    }
    var (patterns, others, required): ([Int32], Int32, Int32) = ([], -1, 0)
    var first: Int?
    if dialect.vocabularies.contains(.applicator) {
      if let index = keyword("properties") {
        first = index
        document.forEachMember(of: index) { name, value in
          let node = node(value)
          add(name) { ($0.node, $0.isProperty) = (node, true) }
        }
      }
      if let index = keyword("patternProperties") {
        first = first ?? index
        document.forEachMember(of: index) { name, value in
          if let pattern = pattern(name, value) { patterns += [pattern, node(value)] }
        }
      }
      if let index = keyword("additionalProperties") {
        first = first ?? index
        others = node(index)
      }
    }
    var place = Int32(0)
    if dialect.vocabularies.contains(.validation), let index = keyword("required") {
      first = first ?? index
      place = self.place(index)
      for name in document.elements(of: index) where document.isString(name) {
        add(document.view.string(name)) { $0.isRequired = true }
      }
      required = Int32(members.count { $0.entry.isRequired })
    }
    guard let first else { return }
    let table = compiler.tables.addTable(members)
    emit(.members, first, [table, required, others, place, Int32(patterns.count / 2)] + patterns, to: \.object)
  }

  private mutating func readElements() {
    guard dialect.vocabularies.contains(.applicator) else { return }
    var (first, rest): (Int?, Int?) = (keyword("prefixItems"), keyword("items"))
    if dialect.draft != .draft202012 {
      first = nil
      if let items = rest, document.view.rawKind(items) == 7 { (first, rest) = (items, keyword("additionalItems")) }
    }
    guard let place = first ?? rest else { return }
    let nodes = first.map { document.elements(of: $0).map { node($0) } } ?? []
    emit(.items, place, [rest.map { node($0) } ?? -1, Int32(nodes.count)] + nodes, to: \.array)
  }

  /// The number of a pattern; nil after a report.
  private func pattern(_ text: String, _ index: Int) -> Int32? {
    do throws(OptionProblem) {
      compiler.tables.patterns.append(try SchemaPattern(text))
      return Int32(compiler.tables.patterns.count - 1)
    } catch {
      compiler.report(document, index, error.message)
      return nil
    }
  }

  // MARK: assertions

  private mutating func readAssertions() {
    readTypes()
    if let index = keyword("const") { emit(.constant, index, [constant(index)], to: \.common) }
    if let index = keyword("enum") { readEnumeration(index) }
    for (name, instruction) in [("minLength", Instruction.minLength), ("maxLength", .maxLength)] {
      if let (index, size) = size(name) { emit(instruction, index, [size], to: \.string) }
    }
    if let index = keyword("pattern"), document.isString(index),
      let pattern = pattern(document.view.string(index), index)
    {
      emit(.pattern, index, [pattern], to: \.string)
    }
    readBounds()
    for (name, instruction) in [("minItems", Instruction.minItems), ("maxItems", .maxItems)] {
      if let (index, size) = size(name) { emit(instruction, index, [size], to: \.array) }
    }
    if let index = keyword("uniqueItems"), document.view.rawKind(index) == 2 {
      emit(.uniqueItems, index, [], to: \.array)
    }
    for (name, instruction) in [("minProperties", Instruction.minProperties), ("maxProperties", .maxProperties)] {
      if let (index, size) = size(name) { emit(instruction, index, [size], to: \.object) }
    }
    if dialect.draft != .draft7, let index = keyword("dependentRequired") { readDependencies(index) }
  }

  private mutating func readTypes() {
    guard let index = keyword("type") else { return }
    let words = document.isString(index) ? [index] : document.elements(of: index).filter(document.isString)
    types = []
    for word in words {
      if let type = SchemaNode.Types(word: document.view.string(word)) { types.formUnion(type) }
    }
    if types.contains(.decimal) { types.remove(.wholeDecimal) }
    typePlace = place(index)
  }

  private func constant(_ index: Int) -> Int32 {
    compiler.tables.constants.append(.init(document: Int32(document.number), index: Int32(index)))
    return Int32(compiler.tables.constants.count - 1)
  }

  /// Texts are looked up in a table, other values by their hashes where they are many, else compared one by one.
  private mutating func readEnumeration(_ index: Int) {
    let elements = document.elements(of: index)
    let texts = Set(elements.filter(document.isString).map(document.view.string))
    let others = elements.filter { !document.isString($0) }
    let table = compiler.tables.addTable(texts.sorted().map { ($0, .init()) }, areNames: false)
    guard others.count <= 8 else {
      compiler.tables.values.append(Set(others.map { JSONEquality.hash(document.view, $0) }))
      return emit(.listed, index, [Int32(compiler.tables.values.count - 1), table], to: \.common)
    }
    let first = Int32(compiler.tables.constants.count)
    for element in others { _ = constant(element) }
    emit(.enumeration, index, [first, Int32(others.count), table], to: \.common)
  }

  private mutating func readBounds() {
    let bounds = [
      ("minimum", Instruction.minimum), ("exclusiveMinimum", .exclusiveMinimum), ("maximum", .maximum),
      ("exclusiveMaximum", .exclusiveMaximum),
    ]
    for (name, instruction) in bounds {
      guard let index = keyword(name), document.isNumber(index) else { continue }
      let value = JSONNode(document.text, tapeIndex: index).scalar?.int
      compiler.tables.bounds.append(
        .init(
          constant: .init(document: Int32(document.number), index: Int32(index)), integer: value.map { Int64($0) }))
      emit(instruction, index, [Int32(compiler.tables.bounds.count - 1)], to: \.numeric)
    }
    guard let index = keyword("multipleOf"), document.isNumber(index) else { return }
    let number = JSONNumber(document.view.raw(index))
    guard let divisor = number.divisor else {
      // The meta-schema has reported it.
      guard !number.isZero else { return }
      return compiler.report(document, index, "multipleOf takes a number of at most 19 digits")
    }
    compiler.tables.divisors.append(divisor)
    emit(.multipleOf, index, [Int32(compiler.tables.divisors.count - 1)], to: \.numeric)
  }
}
