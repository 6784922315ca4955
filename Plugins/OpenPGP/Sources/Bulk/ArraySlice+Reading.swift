extension ArraySlice<UInt8> {
  /// What `body` makes of the bytes; unlike `withUnsafeBytes` it throws nothing else than `body` does.
  func reading<Result, Problem>(
    _ body: (UnsafeRawBufferPointer) throws(Problem) -> Result
  ) throws(Problem) -> Result {
    try withUnsafeBufferPointer { (bytes) throws(Problem) in try body(UnsafeRawBufferPointer(bytes)) }
  }
}
