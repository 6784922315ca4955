import Omnibus

/// A column as the conversion of each record needs it, so that nothing is counted or copied on the way.
struct BoundColumn: BitwiseCopyable {
  /// How fields become values.
  enum Kind: UInt8 {
    case string, integer, decimal
    /// A date that is written as RFC 3339 writes it.
    case calendarDate
    /// What takes a look at the layout.
    case other
    /// What is the same in every record.
    case constant
  }

  /// How fields in fixed width are trimmed.
  enum Trim: UInt8 {
    case text, number, word
  }

  let start: Int
  let width: Int
  let kind: Kind
  let isRequired: Bool
  let hasStandIn: Bool
  let trim: Trim
  let pad: UInt8
  let trimsFront: Bool
  let trimsBack: Bool
  /// The name as JSON has it, with quotes and colon, in memory of the one who made this.
  let name: UnsafeBufferPointer<UInt8>
  let nameHasEscapes: Bool

  init(_ bound: Binding.Bound, name: UnsafeBufferPointer<UInt8>) {
    let column = bound.column
    self.name = name
    nameHasEscapes = bound.name.hasEscapes
    start = bound.slot.start
    width = bound.slot.width
    isRequired = column.isRequired
    hasStandIn = column.standIn != nil
    trim = column.isText ? .text : column.isNumber ? .number : .word
    pad = column.padding.character
    trimsFront = column.padding.trimsFront
    trimsBack = column.padding.trimsBack
    kind = column.constant == nil ? Self.kind(of: column.content) : .constant
  }

  private static func kind(of content: Column.Content) -> Kind {
    switch content {
    case .string: .string
    case .integer(let format) where format.isPlain: .integer
    case .decimal(let format) where format.isPlain: .decimal
    case .date(let format) where format.text == "yyyy-MM-dd": .calendarDate
    case .boolean, .date, .code, .integer, .decimal: .other
    }
  }

  /// The field without what only fills its width.
  @inline(__always)
  func trimmed(_ field: FieldList.Field, in bytes: UnsafePointer<UInt8>) -> FieldList.Field {
    var (first, last) = (field.start, field.end)
    if trim != .text {
      while last > first, bytes[last &- 1] == UInt8(ascii: " ") { last &-= 1 }
      while first < last, bytes[first] == UInt8(ascii: " ") { first &+= 1 }
    }
    // Zeros that fill a number are digits of it, and those of a date may be.
    if trim == .text || pad &- UInt8(ascii: "0") >= 10 {
      if trimsBack { while last > first, bytes[last &- 1] == pad { last &-= 1 } }
      if trimsFront { while first < last, bytes[first] == pad { first &+= 1 } }
    } else if trim == .word {
      var place = first
      while place < last, bytes[place] == pad { place &+= 1 }
      if place == last { first = last }
    }
    var field = field
    field.start = first
    field.end = last
    return field
  }
}
