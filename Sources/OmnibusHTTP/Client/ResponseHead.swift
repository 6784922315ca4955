internal import Omnibus

/// The head of an answer, line by line as libcurl hands it over, read once it is complete.
struct ResponseHead {
  /// What a line meant.
  enum Progress {
    case more
    /// The head of the answer proper is there.
    case complete
    /// The head is larger than an answer's head may be.
    case tooLarge
  }

  private static let maxBytes = 64 << 10
  private static let maxFields = 256

  private(set) var status = 0
  private var text: [UInt8] = []
  private var fields = 0

  /// Takes a line with its end. Interim answers (RFC 9110, 15.2) are passed over, and redirects where `follows` says
  /// that libcurl goes on by itself.
  mutating func take(_ line: UnsafeBufferPointer<UInt8>, follows: Bool) -> Progress {
    var line = line
    while let last = line.last, last == 0x0A || last == 0x0D { line = UnsafeBufferPointer(rebasing: line.dropLast()) }
    guard let first = line.first else {
      return status < 200 || (follows && 300..<400 ~= status && headers.contains("location")) ? .more : .complete
    }
    // No field has a slash in its name.
    if line.count > 4, first == UInt8(ascii: "H"), line[4] == UInt8(ascii: "/") {
      status = Self.status(line)
      text.removeAll(keepingCapacity: true)
      fields = 0
      return .more
    }
    guard text.count + line.count <= Self.maxBytes, fields < Self.maxFields else { return .tooLarge }
    let isFolded = first == 0x20 || first == 0x09
    if !text.isEmpty { text.append(isFolded ? 0x20 : 0x0A) }
    fields += isFolded ? 0 : 1
    text.append(contentsOf: line)
    return .more
  }

  /// The fields. A line that was folded (RFC 9112, 5.2) has become one line.
  var headers: Headers {
    var headers = Headers()
    headers.reserveCapacity(fields: fields, bytes: text.count)
    text.withUnsafeBufferPointer { text in
      var start = 0
      while start < text.count {
        let end = text[start...].firstIndex(of: 0x0A) ?? text.count
        if let colon = text[start..<end].firstIndex(of: UInt8(ascii: ":")) {
          headers.append(
            name: UnsafeBufferPointer(rebasing: text[start..<colon]), value: Self.trimmed(text, colon + 1, end))
        }
        start = end + 1
      }
    }
    return headers
  }

  /// The three digits after the first space, which libcurl has seen to be there.
  private static func status(_ line: UnsafeBufferPointer<UInt8>) -> Int {
    guard let space = line.firstIndex(of: 0x20) else { return 0 }
    return line[space...].dropFirst().prefix(3).reduce(0) { $0 * 10 + Int($1 &- UInt8(ascii: "0")) }
  }

  private static func trimmed(_ text: UnsafeBufferPointer<UInt8>, _ from: Int, _ to: Int) -> UnsafeBufferPointer<UInt8>
  {
    var (start, end) = (from, to)
    while start < end, text[start] == 0x20 || text[start] == 0x09 { start += 1 }
    while end > start, text[end - 1] == 0x20 || text[end - 1] == 0x09 { end -= 1 }
    return UnsafeBufferPointer(rebasing: text[start..<end])
  }
}
