/// An ordered list of names and values. Look-up ignores the case of ASCII letters, names keep theirs, and a name may
/// come more than once. All text lies in one buffer, so a list of any length costs two allocations.
public struct Headers: Sendable {
  private struct Entry {
    var nameStart: UInt32
    var nameEnd: UInt32
    var valueStart: UInt32
    var valueEnd: UInt32
  }

  private var text: [UInt8] = []
  private var entries: [Entry] = []
  /// How many of the first entries came in from outside.
  private var inbound = 0

  /// An empty list.
  public init() {}

  /// A list in the order of `pairs`.
  public init(_ pairs: [(String, String)]) {
    for (name, value) in pairs { append(name, value) }
  }

  /// How many fields there are; a name that comes twice counts twice.
  public var count: Int { entries.count }
  /// Whether there is no field.
  public var isEmpty: Bool { entries.isEmpty }

  /// The first value of `name`. Setting replaces all values of the name, nil removes them.
  public subscript(_ name: String) -> String? {
    get { withValue(of: name) { String(decoding: $0, as: UTF8.self) } }
    set {
      remove(name)
      if let newValue { append(name, newValue) }
    }
  }

  /// All values of `name`, in order.
  public func values(_ name: String) -> [String] {
    withUTF8(name) { name in
      entries.filter { matches($0, name) }.map { string($0.valueStart, $0.valueEnd) }
    }
  }

  /// Whether `name` has a value.
  public func contains(_ name: String) -> Bool { withValue(of: name) { _ in true } ?? false }

  /// Hands the bytes of the first value of `name` to `body` without making a String; nil when there is none.
  public func withValue<Result>(of name: String, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result? {
    withUTF8(name) { name in
      guard let entry = entries.first(where: { matches($0, name) }) else { return nil }
      return text.withUnsafeBufferPointer {
        body(UnsafeBufferPointer(rebasing: $0[Int(entry.valueStart)..<Int(entry.valueEnd)]))
      }
    }
  }

  /// Adds a field after the others.
  public mutating func append(_ name: String, _ value: String) {
    var name = name
    var value = value
    name.withUTF8 { name in value.withUTF8 { value in append(name: name, value: value) } }
  }

  /// Adds a field after the others, from UTF-8 bytes.
  public mutating func append(name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) {
    let nameStart = UInt32(text.count)
    text.append(contentsOf: name)
    let valueStart = UInt32(text.count)
    text.append(contentsOf: value)
    entries.append(
      Entry(nameStart: nameStart, nameEnd: valueStart, valueStart: valueStart, valueEnd: UInt32(text.count)))
  }

  /// Removes all fields of `name`.
  public mutating func remove(_ name: String) {
    let gone = withUTF8(name) { name in entries.indices.filter { matches(entries[$0], name) } }
    for index in gone.reversed() {
      entries.remove(at: index)
      if index < inbound { inbound -= 1 }
    }
    if entries.isEmpty { text.removeAll(keepingCapacity: true) }
  }

  /// Marks all fields that are there as come in from outside; what is appended or set from now on is not.
  public mutating func markInbound() { inbound = entries.count }

  /// Makes room, so that appending allocates once.
  public mutating func reserveCapacity(fields: Int, bytes: Int) {
    entries.reserveCapacity(fields)
    text.reserveCapacity(bytes)
  }

  /// Hands each field's bytes to `body`, in order.
  public func forEachField(_ body: (_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) -> Void) {
    forEachField { name, value, _ in body(name, value) }
  }

  /// Hands each field's bytes to `body`, in order, with whether the field came in from outside.
  public func forEachField(
    _ body: (_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>, _ isInbound: Bool) -> Void
  ) {
    text.withUnsafeBufferPointer { text in
      for (place, entry) in entries.enumerated() {
        body(
          UnsafeBufferPointer(rebasing: text[Int(entry.nameStart)..<Int(entry.nameEnd)]),
          UnsafeBufferPointer(rebasing: text[Int(entry.valueStart)..<Int(entry.valueEnd)]), place < inbound)
      }
    }
  }

  private func matches(_ entry: Entry, _ name: UnsafeBufferPointer<UInt8>) -> Bool {
    guard Int(entry.nameEnd - entry.nameStart) == name.count else { return false }
    return text.withUnsafeBufferPointer { text in
      for offset in 0..<name.count
      where lowercased(text[Int(entry.nameStart) + offset]) != lowercased(name[offset]) { return false }
      return true
    }
  }

  private func string(_ start: UInt32, _ end: UInt32) -> String {
    String(decoding: text[Int(start)..<Int(end)], as: UTF8.self)
  }

  private func withUTF8<Result>(_ name: String, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    var name = name
    return name.withUTF8(body)
  }
}

extension Headers: Sequence {
  /// The fields as Strings, in order.
  public func makeIterator() -> AnyIterator<(name: String, value: String)> {
    var place = 0
    return AnyIterator {
      guard place < entries.count else { return nil }
      defer { place += 1 }
      let entry = entries[place]
      return (string(entry.nameStart, entry.nameEnd), string(entry.valueStart, entry.valueEnd))
    }
  }
}

extension Headers: ExpressibleByDictionaryLiteral {
  /// A list in the order of the literal.
  public init(dictionaryLiteral elements: (String, String)...) { self.init(elements) }
}

/// An ASCII letter in lower case, any other byte as it is.
@inline(__always)
func lowercased(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }
