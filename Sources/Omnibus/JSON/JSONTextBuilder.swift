internal import Glibc

/// Writes a JSON text and its index at once, without a parse: for formats that turn what they read into JSON. One
/// builder makes any number of texts, and its memory is used again.
///
/// Calls have to follow the grammar: within an object a `name` before each value, and names that are all different.
public struct JSONTextBuilder: ~Copyable {
  private var bytes: UnsafeMutablePointer<UInt8>
  private var byteCapacity: Int
  private var words: UnsafeMutablePointer<UInt64>
  private var wordCapacity: Int
  private var wordCount = 0
  private var open: [(container: Int, count: Int)] = []
  private var count = 0
  private var needsComma = false
  /// How many bytes have been written.
  public private(set) var byteCount = 0

  /// A builder of an empty text.
  public init() {
    byteCapacity = 1024
    wordCapacity = 128
    bytes = .allocate(capacity: byteCapacity)
    words = .allocate(capacity: wordCapacity)
  }

  deinit {
    bytes.deallocate()
    words.deallocate()
  }

  /// Whether the text is larger than a text can be (256 MiB), so that `finish` would have to fail.
  public var isTooLarge: Bool { byteCount > JSONLimits().bytes }

  /// The text, or nil where it is too large; the builder starts over.
  public mutating func finish() -> JSONText? {
    defer { reset() }
    guard !isTooLarge else { return nil }
    let wordsOffset = (byteCount + 8 + 7) & ~7
    guard let base = malloc(wordsOffset + wordCount * 8) else { return nil }
    memcpy(base, bytes, byteCount)
    memset(base + byteCount, 0, 8)
    memcpy(base + wordsOffset, words, wordCount * 8)
    return JSONText(
      bytes: base.assumingMemoryBound(to: UInt8.self), byteCount: byteCount,
      tape: (base + wordsOffset).assumingMemoryBound(to: UInt64.self))
  }

  /// A state of a builder that it can go back to.
  public struct Mark: BitwiseCopyable, Sendable {
    fileprivate let byteCount: Int
    fileprivate let wordCount: Int
    fileprivate let count: Int
    fileprivate let needsComma: Bool
  }

  /// The state before what is written next.
  public var mark: Mark {
    Mark(byteCount: byteCount, wordCount: wordCount, count: count, needsComma: needsComma)
  }

  /// Forgets what was written since `mark`; since then as many containers have to have ended as were begun.
  public mutating func goBack(to mark: Mark) {
    byteCount = mark.byteCount
    wordCount = mark.wordCount
    count = mark.count
    needsComma = mark.needsComma
  }

  /// Forgets what was written.
  public mutating func reset() {
    byteCount = 0
    wordCount = 0
    count = 0
    needsComma = false
    open.removeAll(keepingCapacity: true)
  }

  // MARK: containers

  /// Starts an object.
  public mutating func beginObject() { begin(UInt8(ascii: "{")) }

  /// Starts an array.
  public mutating func beginArray() { begin(UInt8(ascii: "[")) }

  /// Ends the innermost object.
  public mutating func endObject() { end(UInt8(ascii: "}"), kind: 8) }

  /// Ends the innermost array.
  public mutating func endArray() { end(UInt8(ascii: "]"), kind: 7) }

  private mutating func begin(_ bracket: UInt8) {
    reserve(2, words: 2)
    beginValue()
    open.append((wordCount, count))
    words[wordCount + 1] = UInt64(truncatingIfNeeded: byteCount)
    wordCount += 2
    count = 0
    needsComma = false
    put(bracket)
  }

  private mutating func end(_ bracket: UInt8, kind: UInt64) {
    guard let (container, outerCount) = open.popLast() else { preconditionFailure("an end without its begin") }
    reserve(1, words: 0)
    put(bracket)
    words[container] = Self.word(kind, length: count, offset: wordCount)
    words[container + 1] |= UInt64(truncatingIfNeeded: byteCount) << 32
    count = outerCount
    needsComma = true
  }

  // MARK: names and scalars

  /// Writes the name of the member that the next call writes.
  public mutating func name(_ name: JSONName) {
    name.bytes.withUnsafeBufferPointer {
      reserve($0.count &+ 1, words: 1)
      beginName(length: $0.count &- 3, hasEscapes: name.hasEscapes)
      copy($0)
    }
  }

  /// Writes the name of the member that the next call writes, from the bytes of a `JSONName`; fifteen bytes behind them
  /// can be read.
  @inline(__always)
  public mutating func name(padded text: UnsafeBufferPointer<UInt8>, hasEscapes: Bool) {
    reserve(text.count &+ 1, words: 1)
    beginName(length: text.count &- 3, hasEscapes: hasEscapes)
    copy(padded: text)
  }

  /// Writes a string from text that is known to be UTF-8, and escapes what JSON has escaped.
  public mutating func string(_ text: UnsafeBufferPointer<UInt8>) {
    // At worst each byte becomes six.
    reserve(text.count &* 6 &+ 3, words: 1)
    beginValue()
    put(UInt8(ascii: "\""))
    let start = byteCount
    let hasEscapes = copyEscaping(text)
    append(hasEscapes ? 6 : 5, length: byteCount - start, offset: start)
    put(UInt8(ascii: "\""))
  }

  /// Writes a member whose value is a string, from text that is known to be UTF-8 and to hold nothing that JSON has
  /// escaped: no quotes, no backslashes, no control characters. Fifteen bytes behind it, and behind the name, which is
  /// that of a `JSONName`, can be read.
  @inline(__always)
  public mutating func plainMember(
    padded name: UnsafeBufferPointer<UInt8>, hasEscapes: Bool, _ text: UnsafeBufferPointer<UInt8>
  ) {
    reserve(name.count &+ text.count &+ 4, words: 2)
    beginName(length: name.count &- 3, hasEscapes: hasEscapes)
    copy(padded: name)
    needsComma = true
    count &+= 1
    put(UInt8(ascii: "\""))
    append(5, length: text.count, offset: byteCount)
    copy(padded: text)
    put(UInt8(ascii: "\""))
  }

  /// Writes a number from text that is known to follow JSON's grammar.
  public mutating func number(_ text: UnsafeBufferPointer<UInt8>, isInteger: Bool) {
    scalar(text, kind: isInteger ? 3 : 4)
  }

  /// Writes `true` or `false`.
  public mutating func bool(_ value: Bool) {
    if value { scalar("true", kind: 2) } else { scalar("false", kind: 1) }
  }

  /// Writes `null`.
  public mutating func null() {
    scalar("null", kind: 0)
  }

  private mutating func scalar(_ text: StaticString, kind: UInt64) {
    scalar(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount), kind: kind)
  }

  private mutating func scalar(_ text: UnsafeBufferPointer<UInt8>, kind: UInt64) {
    reserve(text.count + 1, words: 1)
    beginValue()
    append(kind, length: text.count, offset: byteCount)
    copy(text)
  }

  // MARK: bytes and words

  /// Makes room, so that what is written next needs no check; sixteen bytes more than it says.
  @inline(__always)
  private mutating func reserve(_ byteCount: Int, words wordCount: Int) {
    if self.byteCount &+ byteCount &+ 16 > byteCapacity || self.wordCount &+ wordCount > wordCapacity {
      grow(byteCount, wordCount)
    }
  }

  @inline(never)
  private mutating func grow(_ moreBytes: Int, _ moreWords: Int) {
    byteCapacity = max(byteCapacity * 2, byteCount + moreBytes + 16)
    let newBytes = UnsafeMutablePointer<UInt8>.allocate(capacity: byteCapacity)
    newBytes.update(from: bytes, count: byteCount)
    bytes.deallocate()
    bytes = newBytes
    wordCapacity = max(wordCapacity * 2, wordCount + moreWords)
    let newWords = UnsafeMutablePointer<UInt64>.allocate(capacity: wordCapacity)
    newWords.update(from: words, count: wordCount)
    words.deallocate()
    words = newWords
  }

  @inline(__always)
  private mutating func beginValue() {
    if needsComma { put(UInt8(ascii: ",")) }
    needsComma = true
    count &+= 1
  }

  @inline(__always)
  private mutating func put(_ byte: UInt8) {
    bytes[byteCount] = byte
    byteCount &+= 1
  }

  @inline(__always)
  private mutating func beginName(length: Int, hasEscapes: Bool) {
    if needsComma { put(UInt8(ascii: ",")) }
    append(hasEscapes ? 6 : 5, length: length, offset: byteCount &+ 1)
    needsComma = false
  }

  private mutating func copy(_ text: UnsafeBufferPointer<UInt8>) {
    guard let start = text.baseAddress else { return }
    memcpy(bytes + byteCount, start, text.count)
    byteCount &+= text.count
  }

  /// Copies sixteen bytes at once, the last of them into room that is overwritten: most texts are so short that a call
  /// would cost more.
  @inline(__always)
  private mutating func copy(padded text: UnsafeBufferPointer<UInt8>) {
    guard let start = text.baseAddress else { return }
    let (source, target) = (UnsafeRawPointer(start), UnsafeMutableRawPointer(bytes + byteCount))
    var place = 0
    repeat {
      let sixteen = (source + place).loadUnaligned(as: SIMD2<UInt64>.self)
      (target + place).storeBytes(of: sixteen, as: SIMD2<UInt64>.self)
      place &+= 16
    } while place < text.count
    byteCount &+= text.count
  }

  /// Copies text and escapes what has to be; answers whether anything had to.
  private mutating func copyEscaping(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    var hasEscapes = false
    for byte in text {
      if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
        hasEscapes = true
        JSONEscapes.encode(byte) { put($0) }
      } else {
        put(byte)
      }
    }
    return hasEscapes
  }

  @inline(__always)
  private mutating func append(_ kind: UInt64, length: Int, offset: Int) {
    words[wordCount] = Self.word(kind, length: length, offset: offset)
    wordCount &+= 1
  }

  private static func word(_ kind: UInt64, length: Int, offset: Int) -> UInt64 {
    kind << 60 | UInt64(truncatingIfNeeded: length & 0xFFF_FFFF) << 32
      | UInt64(truncatingIfNeeded: offset & 0xFFFF_FFFF)
  }
}
