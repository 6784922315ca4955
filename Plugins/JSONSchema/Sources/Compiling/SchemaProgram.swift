import Omnibus
import OmnibusExpression

/// A compiled schema with all that it refers to: what a body is checked by. Instructions and tables hold no references, so
/// that to run it takes and gives back none.
final class SchemaProgram: Sendable {
  /// A bound of a number.
  struct Bound {
    /// Where it stands.
    let constant: Constant
    /// The bound where it is a whole number that fits.
    let integer: Int64?
  }

  /// A value in a schema.
  struct Constant {
    let document: Int32
    let index: Int32
  }

  let root: Int32
  let nodes: [SchemaNode]
  let code: [Int32]
  /// Where keywords stand.
  let places: [Constant]
  let constants: [Constant]
  /// Hashes of the values of enumerations that are long.
  let values: [Set<JSONEquality.Hash>]
  let bounds: [Bound]
  let divisors: [JSONNumber.Divisor]
  let patterns: [SchemaPattern]
  let tables: [NameTable]
  let slots: [Int32]
  let entries: [NameTable.Entry]
  /// All names, each with eight zero bytes behind the last.
  let names: [UInt8]
  /// For each dynamic anchor, by the number of a resource, the node that it has there, or -1.
  let anchors: [[Int32]]
  let documents: [SchemaDocument]
  /// What the schema that the route names is called.
  let name: String
  /// Whether places show names of members that no schema names.
  let showsAllNames: Bool
  private let knownNames: Set<String>

  init(_ tables: consuming SchemaTables, root: Int32, _ documents: [SchemaDocument], name: String, showsAllNames: Bool)
  {
    self.root = root
    nodes = tables.nodes
    code = tables.code
    places = tables.places
    constants = tables.constants
    values = tables.values
    bounds = tables.bounds
    divisors = tables.divisors
    patterns = tables.patterns
    self.tables = tables.tables
    slots = tables.slots
    entries = tables.entries
    names = tables.names + [UInt8](repeating: 0, count: 8)
    anchors = tables.anchors
    self.documents = documents
    self.name = name
    self.showsAllNames = showsAllNames
    knownNames = tables.knownNames
  }

  /// Whether some schema names the member.
  func isKnown(_ name: String) -> Bool { showsAllNames || knownNames.contains(name) }
}

/// What a program is made of, while it is made.
struct SchemaTables {
  var nodes: [SchemaNode] = []
  var code: [Int32] = [Instruction.end.rawValue]
  var places: [SchemaProgram.Constant] = []
  var constants: [SchemaProgram.Constant] = []
  var values: [Set<JSONEquality.Hash>] = []
  var bounds: [SchemaProgram.Bound] = []
  var divisors: [JSONNumber.Divisor] = []
  var patterns: [SchemaPattern] = []
  var tables: [NameTable] = []
  var slots: [Int32] = []
  var entries: [NameTable.Entry] = []
  var names: [UInt8] = []
  var anchors: [[Int32]] = []
  var knownNames: Set<String> = []

  /// Adds a table of names, each once, or of texts that are values.
  mutating func addTable(_ members: [(name: String, entry: Member)], areNames: Bool = true) -> Int32 {
    var size = 4
    while size < members.count * 2 { size *= 2 }
    let (firstSlot, firstEntry) = (slots.count, entries.count)
    slots += Array(repeating: -1, count: size)
    for (name, member) in members {
      let bytes = Array(name.utf8)
      let hash = (bytes + [UInt8](repeating: 0, count: 8)).withUnsafeBufferPointer {
        // There are eight bytes at the least.
        $0.baseAddress.map { NameTable.hash($0, bytes.count) } ?? 0
      }
      var slot = Int(hash) & (size - 1)
      while slots[firstSlot + slot] >= 0 { slot = (slot + 1) & (size - 1) }
      slots[firstSlot + slot] = Int32(entries.count)
      entries.append(
        NameTable.Entry(
          offset: Int32(names.count), length: Int32(bytes.count), node: member.node, isProperty: member.isProperty,
          isRequired: member.isRequired))
      names += bytes
      if areNames { knownNames.insert(name) }
    }
    tables.append(
      NameTable(
        slots: Int32(firstSlot), mask: Int32(size - 1), entries: Int32(firstEntry), count: Int32(members.count)))
    return Int32(tables.count - 1)
  }

  /// What stands for a name of a table.
  struct Member {
    var node: Int32 = -1
    var isProperty = false
    var isRequired = false
  }
}
