/// Tests on UTF-8, which hold for the scalars too because no scalar's bytes begin within another's.
enum Text {
  static func isEqual(_ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>) -> Bool {
    guard a.count == b.count else { return false }
    for place in 0..<a.count where a[place] != b[place] { return false }
    return true
  }

  static func hasPrefix(_ text: UnsafeBufferPointer<UInt8>, _ part: UnsafeBufferPointer<UInt8>) -> Bool {
    guard text.count >= part.count else { return false }
    for place in 0..<part.count where text[place] != part[place] { return false }
    return true
  }

  static func hasSuffix(_ text: UnsafeBufferPointer<UInt8>, _ part: UnsafeBufferPointer<UInt8>) -> Bool {
    guard text.count >= part.count else { return false }
    return isEqual(UnsafeBufferPointer(rebasing: text[(text.count - part.count)...]), part)
  }

  /// Takes time in proportion to the text only, whatever the part is: by the failure function of Knuth, Morris, Pratt.
  static func contains(_ text: UnsafeBufferPointer<UInt8>, _ part: UnsafeBufferPointer<UInt8>) -> Bool {
    guard !part.isEmpty else { return true }
    guard text.count >= part.count else { return false }
    var failure = [Int](repeating: 0, count: part.count)
    var matched = 0
    for place in 1..<max(1, part.count) {
      while matched > 0, part[place] != part[matched] { matched = failure[matched - 1] }
      if part[place] == part[matched] { matched += 1 }
      failure[place] = matched
    }
    matched = 0
    for byte in text {
      while matched > 0, byte != part[matched] { matched = failure[matched - 1] }
      if byte == part[matched] { matched += 1 }
      if matched == part.count { return true }
    }
    return false
  }
}
