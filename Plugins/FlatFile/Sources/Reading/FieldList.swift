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
  }

  private let fields: UnsafeMutablePointer<Field>
  private let capacity: Int
  /// How many fields the record has, those beyond the capacity included.
  private(set) var count = 0
  /// Whether a field may hold line breaks: one in quotes, or with backslashes.
  private(set) var mayHoldLineBreaks = false

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
    if field.isQuoted || field.hasEscapes { mayHoldLineBreaks = true }
  }

  mutating func removeAll() {
    count = 0
    mayHoldLineBreaks = false
  }
}
