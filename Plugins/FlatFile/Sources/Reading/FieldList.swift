/// Where the fields of one row of a file lie. A row in fixed width is one field, of which columns have pieces.
struct FieldList: ~Copyable {
  /// One field, without quotes around it.
  struct Field {
    var start: Int
    var end: Int
    /// Whether quotes stood around it.
    var isQuoted: Bool
    /// Whether doubled quotes or backslashes are still in it.
    var hasEscapes: Bool
    /// Whether it holds nothing that JSON has escaped: no quotes, backslashes, control characters.
    var isPlain: Bool
  }

  private let fields: UnsafeMutablePointer<Field>
  private let capacity: Int
  /// How many fields the record has, those beyond the capacity included.
  private(set) var count = 0
  /// Whether a field may hold line breaks, as one that is not plain may.
  private(set) var mayHoldLineBreaks = false
  /// Whether the record is surely ASCII.
  var isASCII = false
  /// Where each character of a row in fixed width starts, and where the last ends; nothing where each is a byte.
  var characters: [Int] = []
  private let isFixedWidth: Bool

  init(isFixedWidth: Bool = false, capacity: Int = Layout.fieldLimit) {
    self.isFixedWidth = isFixedWidth
    self.capacity = capacity
    fields = .allocate(capacity: capacity)
  }

  deinit { fields.deallocate() }

  /// Whether there are more than fit.
  var isOverfull: Bool { count > capacity }

  subscript(_ place: Int) -> Field { fields[place] }

  /// How many there are of what a layout counts: characters of a row in fixed width, fields otherwise.
  @inline(__always)
  var extent: Int {
    guard isFixedWidth else { return count }
    return characters.isEmpty ? fields[0].end &- fields[0].start : characters.count &- 1
  }

  /// The bytes of a column; none where the row ends before it.
  @inline(__always)
  func piece(_ slot: Slot) -> Field {
    piece(start: slot.start, width: slot.width)
  }

  /// The bytes of a column; none where the row ends before it.
  @inline(__always)
  func piece(start: Int, width: Int) -> Field {
    guard isFixedWidth else {
      guard start < count, start < capacity else {
        return Field(start: 0, end: 0, isQuoted: false, hasEscapes: false, isPlain: true)
      }
      return fields[start]
    }
    var piece = fields[0]
    if characters.isEmpty {
      let (first, last) = (piece.start, piece.end)
      piece.start = min(first &+ start, last)
      piece.end = min(first &+ start &+ width, last)
    } else {
      piece.start = characters[min(start, characters.count - 1)]
      piece.end = characters[min(start + width, characters.count - 1)]
    }
    return piece
  }

  @inline(__always)
  mutating func append(_ field: Field) {
    if count < capacity { fields[count] = field }
    count &+= 1
    if !field.isPlain { mayHoldLineBreaks = true }
  }

  mutating func removeLast() { count -= 1 }

  /// Notes where the characters of the row in fixed width start, as they are not a byte each.
  mutating func indexCharacters(of bytes: UnsafePointer<UInt8>) {
    characters.reserveCapacity(fields[0].end - fields[0].start + 1)
    for place in fields[0].start..<fields[0].end where place == fields[0].start || bytes[place] & 0xC0 != 0x80 {
      characters.append(place)
    }
    characters.append(fields[0].end)
  }

  mutating func removeAll() {
    count = 0
    if !characters.isEmpty { characters.removeAll(keepingCapacity: true) }
    mayHoldLineBreaks = false
  }
}
