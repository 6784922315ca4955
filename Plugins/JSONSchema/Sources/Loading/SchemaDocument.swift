import Omnibus

/// A file that holds a schema, or one of the meta-schemas that are built in.
final class SchemaDocument: Sendable {
  /// Which one it is of a library's.
  let number: Int
  /// What it is called in diagnostics and failures: its path, or its URI.
  let name: String
  /// Where it was had from: a `file:` URI, or the URI of a meta-schema.
  let retrieved: URIReference
  let text: JSONText

  init(number: Int, name: String, retrieved: URIReference, text: JSONText) {
    self.number = number
    self.name = name
    self.retrieved = retrieved
    self.text = text
  }

  var view: JSONTapeView { JSONTapeView(text) }

  /// Where the value at an index of the tape stands in the file.
  func location(of index: Int) -> Location {
    let view = view
    let (line, column) = view.place(ofByte: view.offset(index))
    return Location(file: name, line: line, column: column)
  }
}
