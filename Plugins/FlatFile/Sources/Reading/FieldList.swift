/// Where the fields of one record lie.
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

  init(capacity: Int = Layout.fieldLimit) {
    self.capacity = capacity
    fields = .allocate(capacity: capacity)
  }

  deinit { fields.deallocate() }

  /// Whether there are more than fit.
  var isOverfull: Bool { count > capacity }

  subscript(_ place: Int) -> Field { fields[place] }

  @inline(__always)
  mutating func append(_ field: Field) {
    if count < capacity { fields[count] = field }
    count &+= 1
    if !field.isPlain { mayHoldLineBreaks = true }
  }

  mutating func removeLast() { count -= 1 }

  mutating func removeAll() {
    count = 0
    mayHoldLineBreaks = false
  }
}
