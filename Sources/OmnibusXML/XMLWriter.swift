/// Writes a document of XML 1.0 in UTF-8, element by element. Names are the caller's: they are written as they are.
public struct XMLWriter: Sendable {
  /// What was written so far.
  public private(set) var bytes: [UInt8] = []
  private var open: [String] = []

  /// A document with nothing in it, not even a declaration: UTF-8 needs none (XML 1.0, 4.3.3).
  public init() {}

  /// Begins an element.
  public mutating func start(_ name: String, _ attributes: [(name: String, value: String)] = []) {
    write("<\(name)")
    for (name, value) in attributes {
      write(" \(name)=\"")
      escape(value)
      write("\"")
    }
    write(">")
    open.append(name)
  }

  /// Ends the element that was begun last; nothing where all have ended.
  public mutating func end() { if let name = open.popLast() { write("</\(name)>") } }

  /// Writes text within an element. Characters that no document can hold (XML 1.0, 2.2) become U+FFFD.
  public mutating func text(_ text: String) { escape(text) }

  /// Writes an element with nothing but text in it.
  public mutating func element(_ name: String, _ text: String) {
    start(name)
    self.text(text)
    end()
  }

  private mutating func write(_ text: String) { bytes.append(contentsOf: text.utf8) }

  /// What would be taken for markup, and line ends and tabs, which a reader would change.
  private mutating func escape(_ text: String) {
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": write("&amp;")
      case "<": write("&lt;")
      case ">": write("&gt;")
      case "\"": write("&quot;")
      case "\t", "\n", "\r": write("&#\(scalar.value);")
      case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": write("\u{FFFD}")
      default: bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
      }
    }
  }
}
