import Omnibus

/// A file that holds a schema, or one of the meta-schemas that are built in.
final class SchemaDocument: Sendable {
  /// Which one it is of a library's.
  let number: Int
  /// What it is called in failures: its path from the folder of the routes file, or its URI.
  let name: String
  /// Where the file is, for diagnostics.
  let file: String
  /// Where it was had from: a `file:` URI, or the URI of a meta-schema.
  let retrieved: URIReference
  let text: JSONText

  init(number: Int, name: String, file: String, retrieved: URIReference, text: JSONText) {
    self.number = number
    self.name = name
    self.file = file
    self.retrieved = retrieved
    self.text = text
  }

  var view: JSONTapeView { JSONTapeView(text) }

  /// Where the value at an index of the tape stands in the file.
  func location(of index: Int) -> Location {
    let view = view
    let (line, column) = view.place(ofByte: view.offset(index))
    return Location(file: file, line: line, column: column)
  }
}
