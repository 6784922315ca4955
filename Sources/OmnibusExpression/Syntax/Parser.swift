/// Reads the grammar of cel-spec ("Syntax") by recursive descent, with bounds on size and nesting.
struct Parser {
  /// The longest expression, in bytes.
  static let maximumLength = 64 * 1024
  /// The most levels that a tree can have; keeps hostile text from exhausting the stack.
  static let maximumDepth = 200

  private var lexer: Lexer
  private let source: SourceText
  private var token: Token
  private var lastEnd = 0
  private var level = 0

  /// The tree for a whole text.
  static func parse(_ source: SourceText) throws(ExpressionError.Problem) -> Syntax {
    guard source.bytes.count <= maximumLength else {
      throw source.problem(
        "expression-syntax", "the expression is longer than \(maximumLength) bytes", at: Span(0, 1))
    }
    var parser = try Parser(source, from: 0)
    let tree = try parser.expression()
    guard parser.token.kind == .end else { throw parser.unexpected("an operator or the end") }
    return tree
  }

  /// The tree for what starts at `start` and ends before a `}` that belongs to no brace of it, and the place after
  /// that brace.
  static func parse(
    embeddedIn source: SourceText, from start: Int
  ) throws(ExpressionError.Problem) -> (tree: Syntax, end: Int) {
    var parser = try Parser(source, from: start)
    let tree = try parser.expression()
    guard parser.token.kind == .symbol(.closeBrace) else { throw parser.unexpected("an operator or \"}\"") }
    return (tree, parser.token.span.end)
  }

  private init(_ source: SourceText, from start: Int) throws(ExpressionError.Problem) {
    self.source = source
    lexer = Lexer(source, from: start)
    token = try lexer.next()
  }

  // MARK: operators, from the loosest to the tightest

  private mutating func expression() throws(ExpressionError.Problem) -> Syntax {
    level += 1
    defer { level -= 1 }
    guard level <= Self.maximumDepth else { throw tooDeep(token.span) }
    let condition = try disjunction()
    guard let mark = try take(.question) else { return condition }
    let yes = try disjunction()
    try expect(.colon, "\":\" of the condition at \(place(mark))")
    let no = try expression()
    return try make(
      .conditional(condition, yes, no), mark, condition.extent.through(no.extent), [condition, yes, no])
  }

  private mutating func disjunction() throws(ExpressionError.Problem) -> Syntax {
    let first = try conjunction()
    guard case .symbol(.or) = token.kind else { return first }
    let mark = token.span
    var terms = [first]
    while try take(.or) != nil { terms.append(try conjunction()) }
    return try make(.or(terms), mark, extent(terms), terms)
  }

  private mutating func conjunction() throws(ExpressionError.Problem) -> Syntax {
    let first = try binary(0)
    guard case .symbol(.and) = token.kind else { return first }
    let mark = token.span
    var terms = [first]
    while try take(.and) != nil { terms.append(try binary(0)) }
    return try make(.and(terms), mark, extent(terms), terms)
  }

  private mutating func binary(_ precedence: Int) throws(ExpressionError.Problem) -> Syntax {
    var left = precedence == 2 ? try unary() : try binary(precedence + 1)
    while case .symbol(let symbol) = token.kind, let (operation, itsPrecedence) = Self.operators[symbol],
      itsPrecedence == precedence
    {
      let mark = token.span
      try advance()
      let right = precedence == 2 ? try unary() : try binary(precedence + 1)
      left = try make(.binary(operation, left, right), mark, left.extent.through(right.extent), [left, right])
    }
    return left
  }

  private static let operators: [Token.Symbol: (Syntax.Operator, Int)] = [
    .equal: (.equal, 0), .notEqual: (.notEqual, 0), .less: (.less, 0), .lessOrEqual: (.lessOrEqual, 0),
    .greater: (.greater, 0), .greaterOrEqual: (.greaterOrEqual, 0), .in: (.in, 0), .plus: (.add, 1),
    .minus: (.subtract, 1), .times: (.multiply, 2), .divide: (.divide, 2), .remainder: (.remainder, 2),
  ]

  private mutating func unary() throws(ExpressionError.Problem) -> Syntax {
    guard case .symbol(let symbol) = token.kind, symbol == .not || symbol == .minus else { return try member() }
    var marks: [Span] = []
    while let mark = try take(symbol) { marks.append(mark) }
    guard marks.count <= Self.maximumDepth, let innermost = marks.last else { throw tooDeep(token.span) }
    var operand: Syntax
    if symbol == .minus, let number = try negativeNumber(innermost) {
      marks.removeLast()
      operand = try members(of: number)
    } else {
      operand = try member()
    }
    for mark in marks.reversed() {
      operand = try make(
        symbol == .not ? .not(operand) : .negate(operand), mark, mark.through(operand.extent), [operand])
    }
    return operand
  }

  /// A number right after a minus, so that the smallest int can be written.
  private mutating func negativeNumber(_ minus: Span) throws(ExpressionError.Problem) -> Syntax? {
    let literal: Syntax.Literal
    switch token.kind {
    case .int(let magnitude) where magnitude <= UInt64(Int64.max) + 1:
      literal = .int(Int64(truncatingIfNeeded: 0 &- magnitude))
    case .double(let value): literal = .double(-value)
    default: return nil
    }
    let span = minus.through(token.span)
    try advance()
    return try make(.literal(literal), span, span, [])
  }

  // MARK: members

  private mutating func member() throws(ExpressionError.Problem) -> Syntax { try members(of: try primary()) }

  private mutating func members(of first: Syntax) throws(ExpressionError.Problem) -> Syntax {
    var operand = first
    while case .symbol(let symbol) = token.kind {
      switch symbol {
      case .dot: operand = try selection(of: operand)
      case .openBracket: operand = try indexing(of: operand)
      case .openBrace:
        guard let type = Self.typeName(operand) else { return operand }
        operand = try message(type, operand)
      default: return operand
      }
    }
    return operand
  }

  private mutating func selection(of operand: Syntax) throws(ExpressionError.Problem) -> Syntax {
    try advance()
    let isOptional = try take(.question) != nil
    let (name, span, isQuoted) = try selector()
    if !isOptional, !isQuoted, try take(.openParenthesis) != nil {
      let arguments = try arguments()
      return try make(
        .call(target: operand, name, arguments), span, Span(operand.extent.start, lastEnd), [operand] + arguments)
    }
    return try make(
      .select(operand, name, isOptional: isOptional), span, operand.extent.through(span), [operand])
  }

  private mutating func indexing(of operand: Syntax) throws(ExpressionError.Problem) -> Syntax {
    let mark = token.span
    try advance()
    let isOptional = try take(.question) != nil
    let index = try expression()
    try expect(.closeBracket, "\"]\" for the \"[\" at \(place(mark))")
    return try make(
      .index(operand, index, isOptional: isOptional), Span(mark.start, lastEnd),
      Span(operand.extent.start, lastEnd), [operand, index])
  }

  private mutating func message(_ type: String, _ name: Syntax) throws(ExpressionError.Problem) -> Syntax {
    let mark = token.span
    try advance()
    var fields: [Syntax.Field] = []
    while try take(.closeBrace) == nil {
      let isOptional = try take(.question) != nil
      let (name, span, _) = try selector()
      try expect(.colon, "\":\" after a field's name")
      fields.append(Syntax.Field(name: name, span: span, value: try expression(), isOptional: isOptional))
      try separator(.closeBrace, mark)
    }
    return try make(
      .message(type, fields), name.extent, Span(name.extent.start, lastEnd), fields.map(\.value))
  }

  /// A name after a dot or in a message: any word but the four keywords, or one in backticks.
  private mutating func selector() throws(ExpressionError.Problem) -> (String, Span, isQuoted: Bool) {
    let span = token.span
    switch token.kind {
    case .identifier(let name):
      try advance()
      return (name, span, false)
    case .quoted(let name):
      try advance()
      return (name, span, true)
    default: throw unexpected("a name")
    }
  }

  private static func typeName(_ syntax: Syntax) -> String? {
    switch syntax.kind {
    case .identifier(let name, _): name
    case .select(let operand, let name, isOptional: false): typeName(operand).map { "\($0).\(name)" }
    default: nil
    }
  }

  // MARK: primaries

  private mutating func primary() throws(ExpressionError.Problem) -> Syntax {
    let span = token.span
    switch token.kind {
    case .identifier(let name): return try self.name(name, isAbsolute: false, from: span)
    case .symbol(.dot):
      try advance()
      guard case .identifier(let name) = token.kind else { throw unexpected("a name") }
      return try self.name(name, isAbsolute: true, from: span)
    case .symbol(.openParenthesis):
      try advance()
      let inner = try expression()
      try expect(.closeParenthesis, "\")\" for the \"(\" at \(place(span))")
      return Syntax(kind: inner.kind, span: inner.span, extent: Span(span.start, lastEnd), depth: inner.depth)
    case .symbol(.openBracket): return try list()
    case .symbol(.openBrace): return try map()
    default: return try literal()
    }
  }

  private mutating func name(
    _ name: String, isAbsolute: Bool, from start: Span
  ) throws(ExpressionError.Problem) -> Syntax {
    let span = token.span
    guard !Token.reserved.contains(name) else {
      throw source.problem("expression-syntax", "\"\(name)\" is a reserved word and cannot name a variable", at: span)
    }
    try advance()
    if try take(.openParenthesis) != nil {
      let arguments = try arguments()
      return try make(.call(target: nil, name, arguments), span, Span(start.start, lastEnd), arguments)
    }
    return try make(.identifier(name, isAbsolute: isAbsolute), span, start.through(span), [])
  }

  private mutating func literal() throws(ExpressionError.Problem) -> Syntax {
    let literal: Syntax.Literal
    switch token.kind {
    case .int(let magnitude):
      guard let value = Int64(exactly: magnitude) else {
        throw source.problem(
          "expression-syntax", "the number does not fit an int", at: token.span, help: "a uint is written with u: 1u")
      }
      literal = .int(value)
    case .uint(let value): literal = .uint(value)
    case .double(let value): literal = .double(value)
    case .string(let value): literal = .string(value)
    case .bytes(let value): literal = .bytes(value)
    case .symbol(.true): literal = .bool(true)
    case .symbol(.false): literal = .bool(false)
    case .symbol(.null): literal = .null
    default: throw unexpected("a value")
    }
    let span = token.span
    try advance()
    return try make(.literal(literal), span, span, [])
  }

  private mutating func list() throws(ExpressionError.Problem) -> Syntax {
    let mark = token.span
    try advance()
    var elements: [Syntax.Element] = []
    while try take(.closeBracket) == nil {
      let isOptional = try take(.question) != nil
      elements.append(Syntax.Element(value: try expression(), isOptional: isOptional))
      try separator(.closeBracket, mark)
    }
    let span = Span(mark.start, lastEnd)
    return try make(.list(elements), span, span, elements.map(\.value))
  }

  private mutating func map() throws(ExpressionError.Problem) -> Syntax {
    let mark = token.span
    try advance()
    var entries: [Syntax.Entry] = []
    while try take(.closeBrace) == nil {
      let isOptional = try take(.question) != nil
      let key = try expression()
      try expect(.colon, "\":\" after a key")
      entries.append(Syntax.Entry(key: key, value: try expression(), isOptional: isOptional))
      try separator(.closeBrace, mark)
    }
    let span = Span(mark.start, lastEnd)
    return try make(.map(entries), span, span, entries.flatMap { [$0.key, $0.value] })
  }

  /// The arguments after an opening parenthesis.
  private mutating func arguments() throws(ExpressionError.Problem) -> [Syntax] {
    guard try take(.closeParenthesis) == nil else { return [] }
    var arguments = [try expression()]
    while try take(.comma) != nil { arguments.append(try expression()) }
    try expect(.closeParenthesis, "\",\" or \")\"")
    return arguments
  }

  // MARK: tokens

  private mutating func advance() throws(ExpressionError.Problem) {
    lastEnd = token.span.end
    token = try lexer.next()
  }

  private mutating func take(_ symbol: Token.Symbol) throws(ExpressionError.Problem) -> Span? {
    guard case .symbol(symbol) = token.kind else { return nil }
    let span = token.span
    try advance()
    return span
  }

  private mutating func expect(_ symbol: Token.Symbol, _ what: String) throws(ExpressionError.Problem) {
    guard try take(symbol) != nil else { throw unexpected(what) }
  }

  /// A comma, or the closing symbol that then follows.
  private mutating func separator(_ close: Token.Symbol, _ mark: Span) throws(ExpressionError.Problem) {
    guard try take(.comma) == nil, token.kind != .symbol(close) else { return }
    throw unexpected("\",\" or \"\(close.rawValue)\" for the one at \(place(mark))")
  }

  private func make(
    _ kind: Syntax.Kind, _ span: Span, _ extent: Span, _ children: [Syntax]
  ) throws(ExpressionError.Problem) -> Syntax {
    let depth = 1 + (children.map(\.depth).max() ?? 0)
    guard depth <= Self.maximumDepth else { throw tooDeep(span) }
    return Syntax(kind: kind, span: span, extent: extent, depth: depth)
  }

  private func extent(_ terms: [Syntax]) -> Span {
    Span(terms.first?.extent.start ?? 0, terms.last?.extent.end ?? 0)
  }

  private func place(_ span: Span) -> String {
    let place = source.place(span.start)
    return "\(place.line):\(place.column)"
  }

  private func unexpected(_ expected: String) -> ExpressionError.Problem {
    source.problem("expression-syntax", "found \(token.name), expected \(expected)", at: token.span)
  }

  private func tooDeep(_ span: Span) -> ExpressionError.Problem {
    source.problem("expression-syntax", "the expression is nested more than \(Self.maximumDepth) levels deep", at: span)
  }
}
