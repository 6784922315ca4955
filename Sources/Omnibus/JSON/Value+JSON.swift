extension Value {
  /// The value as compact JSON text; see `writeJSON`.
  public func jsonBytes() throws(Failure) -> [UInt8] {
    var bytes: [UInt8] = []
    try writeJSON(into: &bytes)
    return bytes
  }

  /// Appends the value as compact JSON (RFC 8259), by the mapping of the Common Expression Language: whole numbers and
  /// decimals exactly, bytes as base64 (RFC 4648, 4), timestamps as RFC 3339, durations as seconds (`1.5s`), keys as
  /// strings; places of JSON text with the bytes that they have. Fails with kind `invalid` for what JSON cannot say: a
  /// number that is not finite, a type.
  public func writeJSON(into bytes: inout [UInt8]) throws(Failure) {
    try JSONWriter.write(self, into: &bytes, depth: 0)
  }
}
