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
  }

  let field: Int
  let kind: Kind
  let isRequired: Bool
  /// The name as JSON has it, with quotes and colon, in memory of the one who made this.
  let name: UnsafeBufferPointer<UInt8>
  let nameHasEscapes: Bool

  init(_ bound: Binding.Bound, name: UnsafeBufferPointer<UInt8>) {
    self.name = name
    nameHasEscapes = bound.name.hasEscapes
    field = bound.field
    isRequired = bound.column.isRequired
    kind =
      switch bound.column.content {
      case .string: .string
      case .integer: .integer
      case .decimal: .decimal
      case .date(let format) where format.text == "yyyy-MM-dd": .calendarDate
      case .boolean, .date: .other
      }
  }
}
