internal import Synchronization

/// The options that a type declares: their names, and where they stand in its values. Found by reflection once for each
/// type, which is too slow for each time that options are read.
struct DeclaredOptions: Sendable {
  private static let known = Mutex<[ObjectIdentifier: DeclaredOptions]>([:])

  private let options: [(name: String, offset: Int)]

  /// The options of a type, of which `value` is one.
  static func of<Value: Options>(_ type: Value.Type, like value: Value) -> DeclaredOptions {
    if let declared = known.withLock({ $0[ObjectIdentifier(type)] }) { return declared }
    let declared = DeclaredOptions(reflecting: value)
    known.withLock { $0[ObjectIdentifier(type)] = declared }
    return declared
  }

  private init<Value: Options>(reflecting value: Value) {
    options = Self.options(of: value, in: value)
  }

  /// Those of a part of the value: the value itself, or a group of options that lies in it.
  private static func options(of part: some Options, in value: some Options) -> [(name: String, offset: Int)] {
    Mirror(reflecting: part).children.flatMap { child in
      if let group = child.value as? any Options { return options(of: group, in: value) }
      guard let label = child.label, let option = child.value as? any AnyOption,
        let offset = offset(of: option.cell, in: value)
      else { return [] }
      return [(option.cell.name ?? snakeCase(label.drop { $0 == "_" }), offset)]
    }
  }

  /// The cells of a value's options, with their names.
  func cells(in value: some Options) -> [(name: String, cell: OptionCell)] {
    withUnsafeBytes(of: value) { bytes in
      options.map { name, offset in
        // An option is the reference of its cell and nothing else, and all values of a type have it at the same offset.
        (name, bytes.load(fromByteOffset: offset, as: Unmanaged<OptionCell>.self).takeUnretainedValue())
      }
    }
  }

  /// Where the reference of a cell stands in the value; no other is the same.
  private static func offset(of cell: OptionCell, in value: some Options) -> Int? {
    let wanted = UInt(bitPattern: Unmanaged.passUnretained(cell).toOpaque())
    return withUnsafeBytes(of: value) { bytes in
      stride(from: 0, through: bytes.count - MemoryLayout<UInt>.size, by: MemoryLayout<UInt>.size).first {
        bytes.load(fromByteOffset: $0, as: UInt.self) == wanted
      }
    }
  }

  private static func snakeCase(_ name: Substring) -> String {
    name.reduce(into: "") { $0 += $1.isUppercase ? "_\($1.lowercased())" : String($1) }
  }
}
