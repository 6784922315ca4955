extension JSONText {
  /// Checks and indexes a text. Where an object has a name twice, the last member counts; a byte order mark before the
  /// text is passed over (RFC 8259, 8.1); halves of a surrogate pair are refused. Fails with kind `invalid`, saying line
  /// and column.
  public static func parse(
    _ bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits = JSONLimits()
  ) throws(Failure) -> JSONText {
    do throws(JSONProblem) {
      return try JSONScanner.scan(bytes, limits: limits)
    } catch {
      throw error.failure(in: bytes, limits: limits)
    }
  }

  /// Checks and indexes a text, as `parse` of a buffer does.
  public static func parse(_ bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(Failure) -> JSONText {
    try bytes.withUnsafeBufferPointer { buffer throws(Failure) in try parse(buffer, limits: limits) }
  }
}
