internal import Glibc
public import Omnibus

/// Cuts a form in the format `multipart/form-data` (RFC 7578, RFC 2046, 5.1) into its fields, as its bytes come in. Holds
/// the field that it reads, and what was fed and not read yet.
public struct MultipartParser: Sendable {
  /// The bytes that the header of a part may have.
  private static let maxHead = 8 << 10
  private static let emptyLine = Array("\r\n\r\n".utf8)

  private enum State {
    /// Before the first boundary.
    case preamble
    case head
    case content(FormPart)
    /// Behind the last boundary.
    case done
  }

  private let delimiter: [UInt8]
  private let maxPart: Int
  private var state = State.preamble
  private var buffer: [UInt8]
  /// Where that begins which was not read yet.
  private var start = 0
  /// Where a delimiter was not looked for yet.
  private var scanned = 0

  /// A parser for the content type of a body, whose fields may have `maxPart` bytes. Fails with kind `invalid` where that
  /// is no form.
  public init(contentType: String?, maxPart: Int) throws(Failure) {
    guard let type = contentType.flatMap({ FieldElement($0) }), type.value.lowercased() == "multipart/form-data" else {
      throw Failure(.invalid, "the content type is not multipart/form-data")
    }
    guard let boundary = type["boundary"], 1...70 ~= boundary.utf8.count,
      boundary.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F })
    else { throw Failure(.invalid, "the content type has no boundary of 1 to 70 characters") }
    delimiter = Array("\r\n--\(boundary)".utf8)
    self.maxPart = maxPart
    // So that the first boundary is found like the others, also where nothing stands before it.
    buffer = [0x0D, 0x0A]
  }

  /// Takes the next bytes of the body.
  public mutating func feed(_ bytes: [UInt8]) {
    if start > buffer.count / 2 {
      buffer.removeFirst(start)
      scanned -= start
      start = 0
    }
    buffer.append(contentsOf: bytes)
  }

  /// The next field; nil where more bytes are needed, and after the last one.
  public mutating func next() throws(Failure) -> FormPart? {
    while true {
      switch state {
      case .preamble:
        guard let end = try delimiterPlace(within: Self.maxHead) else { return nil }
        guard try enterPart(behind: end) else { return nil }
      case .head:
        guard let part = try head() else { return nil }
        state = .content(part)
      case .content(var part):
        guard let end = try delimiterPlace(within: maxPart) else { return nil }
        guard let isLast = try isLast(behind: end) else { return nil }
        part.content = Array(buffer[min(start, end)..<end])
        enter(isLast, behind: end)
        return part
      case .done:
        start = buffer.count
        scanned = start
        return nil
      }
    }
  }

  /// Whether all of the form was there.
  public func end() throws(Failure) {
    guard case .done = state else { throw Failure(.invalid, "the form ends before its last boundary") }
  }

  /// Where the next delimiter begins; nil where it has not come, after `limit` bytes at the most.
  private mutating func delimiterPlace(within limit: Int) throws(Failure) -> Int? {
    let found = Self.place(of: delimiter, in: buffer, from: scanned)
    guard (found ?? buffer.count - delimiter.count) - start <= limit else {
      throw Failure(.invalid, "a part of the form has more than \(limit) bytes")
    }
    scanned = found ?? max(scanned, buffer.count - delimiter.count + 1)
    return found
  }

  private mutating func enterPart(behind place: Int) throws(Failure) -> Bool {
    guard let isLast = try isLast(behind: place) else { return false }
    enter(isLast, behind: place)
    return true
  }

  /// Whether the delimiter at `place` is the last one; nil where that has not come.
  private func isLast(behind place: Int) throws(Failure) -> Bool? {
    var at = place + delimiter.count
    guard at + 1 < buffer.count else { return nil }
    if buffer[at] == UInt8(ascii: "-"), buffer[at + 1] == UInt8(ascii: "-") { return true }
    let limit = at + 256
    while at < buffer.count, at < limit, buffer[at] == 0x20 || buffer[at] == 0x09 { at += 1 }
    guard at + 1 < buffer.count else { return nil }
    guard buffer[at] == 0x0D, buffer[at + 1] == 0x0A else {
      throw Failure(.invalid, "a boundary of the form is followed by something else than a line end")
    }
    return false
  }

  private mutating func enter(_ isLast: Bool, behind place: Int) {
    var at = place + delimiter.count
    while !isLast, buffer[at] == 0x20 || buffer[at] == 0x09 { at += 1 }
    // The line end also begins the delimiter of a part that has neither header nor content.
    start = at
    scanned = at
    state = isLast ? .done : .head
  }

  /// The header of a part, between the line end behind its boundary and an empty line.
  private mutating func head() throws(Failure) -> FormPart? {
    let end = Self.place(of: Self.emptyLine, in: buffer, from: start)
    guard (end ?? buffer.count) - start <= Self.maxHead else {
      throw Failure(.invalid, "the header of a part has more than \(Self.maxHead) bytes")
    }
    guard let end else { return nil }
    let part = try FormPart(head: buffer[min(start + 2, end)..<end])
    start = end + 4
    // Content that is empty is followed by its delimiter, whose line end is that of the empty line.
    scanned = end + 2
    return part
  }

  /// Where `pattern` comes first in `bytes` from a place on: its first byte, a carriage return, is rare in most content.
  private static func place(of pattern: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
    bytes.withUnsafeBytes { bytes in
      var at = start
      while at + pattern.count <= bytes.count, let base = bytes.baseAddress,
        let found = memchr(base + at, Int32(pattern[0]), bytes.count - at)
      {
        at = UnsafeRawPointer(found) - base
        guard at + pattern.count <= bytes.count else { return nil }
        if memcmp(found, pattern, pattern.count) == 0 { return at }
        at += 1
      }
      return nil
    }
  }
}
