import Omnibus

/// One column of a layout, ready to be read and written.
struct Column: Sendable {
  /// What a field has to be.
  enum Content: Sendable {
    case string
    case integer(NumberFormat)
    case decimal(NumberFormat)
    case boolean(whenTrue: [[UInt8]], whenFalse: [[UInt8]])
    case date(DateFormat)
    case code(CodeTable)
  }

  /// The name of the member; nil for a column that is passed over.
  var name: String?
  /// The name in the header.
  var header: String
  /// What a field has to be.
  var content: Content
  /// Whether a field may not be empty.
  var isRequired: Bool
  /// Whether the layout declares it; the name of one that does not comes from the file, and stays out of messages.
  var isDeclared: Bool
  /// Where it stands; of delimited files with a header the header says it.
  var slot = Slot()
  /// How fields are filled up to their width.
  var padding = Padding()
  /// What stands in for a field that is empty; nil for nothing.
  var standIn: [UInt8]?
  /// What stands in the field of every record; nil where that differs.
  var constant: [UInt8]?
  /// Whether other columns stand there as well, so that this one is only read.
  var isOverlay = false

  /// A column that the file names: any text.
  init(named name: String) {
    self.init(name: name, header: name, content: .string, isRequired: false, isDeclared: false)
  }

  init(name: String?, header: String, content: Content, isRequired: Bool, isDeclared: Bool) {
    self.name = name
    self.header = header
    self.content = content
    self.isRequired = isRequired
    self.isDeclared = isDeclared
  }

  /// Whether a field is any text.
  var isText: Bool { if case .string = content { true } else { false } }

  /// Whether a field is a number.
  var isNumber: Bool {
    switch content {
    case .integer, .decimal: true
    case .string, .boolean, .date, .code: false
    }
  }

  /// A text in fixed width: filled up to `width` characters, where it has fewer.
  func filled(_ text: [UInt8], width: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    padding.append(
      text, count: text.count { $0 & 0xC0 != 0x80 }, width: width, isNumber: isNumber, to: &bytes)
    return bytes
  }

  /// Whether a text in fixed width is read as it is, apart from blanks: it does not begin or end in what is dropped there
  /// as what fills the column up.
  func keeps(_ text: [UInt8]) -> Bool {
    let pad = padding.character
    guard constant == nil, pad != UInt8(ascii: " ") else { return true }
    var rest = text[...]
    if isText || pad &- UInt8(ascii: "0") >= 10 {
      while padding.trimsBack, rest.last == pad { rest.removeLast() }
      while padding.trimsFront, rest.first == pad { rest.removeFirst() }
    } else if !isNumber, rest.allSatisfy({ $0 == pad }) {
      rest = []
    }
    // What an empty field is taken as may be what was dropped.
    return rest.count == text.count || rest.isEmpty && standIn == text
  }

  /// What a field has to be, in words for messages.
  var expectation: String {
    constant != nil ? "what the layout says" : expectationOfText
  }

  /// What a field has to be, whatever else the layout says of it.
  var expectationOfText: String {
    switch content {
    case .string: return "text"
    case .integer(let format): return "a whole number" + format.words
    case .decimal(let format): return "a number" + format.words
    case .boolean(let whenTrue, let whenFalse):
      return "one of " + (whenTrue + whenFalse).map { String(decoding: $0, as: UTF8.self) }.joined(separator: ", ")
    case .date(let format): return "a date as \(format.text)"
    case .code(let table): return "one of " + table.entries.map(\.code).joined(separator: ", ")
    }
  }
}
