import Omnibus

extension Column {
  /// Whether a field with `text` in it would be one of the column; what the layout itself writes has to be.
  func accepts(_ text: String) -> Bool {
    var column = self
    column.slot = Slot()
    column.constant = nil
    column.standIn = nil
    var converter = RecordConverter(Binding(positions: [column]), Dialect())
    var fields = FieldList(capacity: 1)
    let bytes = Array(text.utf8)
    fields.append(
      FieldList.Field(start: 0, end: bytes.count, isQuoted: false, hasEscapes: false, isPlain: false))
    var builder = JSONTextBuilder()
    builder.beginObject()
    // Sixteen bytes behind the text can be read.
    return (bytes + Array(repeating: 0, count: 16)).withUnsafeBufferPointer { padded in
      padded.baseAddress.map { converter.write(fields, of: $0, into: &builder).isEmpty } ?? false
    }
  }
}
