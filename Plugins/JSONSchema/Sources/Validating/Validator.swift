import Omnibus

/// Runs a program over a document. The first run only says whether the document is valid; where it is not, a second one
/// collects what is wrong.
struct Validator: ~Copyable {
  /// Something that a keyword forbids.
  struct Problem {
    /// The number of the keyword's place.
    let place: Int32
    /// The value's index on the tape of the document.
    let index: Int
    /// The index of the name that is missing, among the entries of the program.
    var missing: Int32 = -1
  }

  /// Why a document was not checked to its end.
  enum Excess {
    case work, depth, pattern
  }

  /// How many problems are collected.
  static let maximumProblems = 50
  /// How deep schemas may lead into each other.
  private static let maximumDepth = 1000

  let program: SchemaProgram
  let view: JSONTapeView
  // Memory of the program's arrays, which it keeps.
  let nodes: UnsafePointer<SchemaNode>
  let code: UnsafePointer<Int32>
  private(set) var problems: [Problem] = []
  private(set) var excess: Excess?
  var isCollecting: Bool
  private var work: Int
  private var depth = 0
  /// The resources that led here, the outermost first, where something asks for them.
  private var scope: [Int32] = []
  private let hasScope: Bool
  /// Which members and elements were looked at, of all values that are being tracked.
  var marks: [Bool] = []

  init(
    _ program: SchemaProgram, _ view: JSONTapeView, _ nodes: UnsafePointer<SchemaNode>, _ code: UnsafePointer<Int32>,
    work: Int, isCollecting: Bool
  ) {
    self.program = program
    self.view = view
    self.nodes = nodes
    self.code = code
    self.work = work
    self.isCollecting = isCollecting
    hasScope = !program.anchors.isEmpty
  }

  /// Whether the value is as a schema says. Members and elements that were looked at are noted from `track` on among the
  /// marks, -1 for nowhere.
  mutating func isValid(_ number: Int32, _ index: Int, _ track: Int) -> Bool {
    let node = nodes + Int(number)
    guard node.pointee.outcome == .open else {
      return node.pointee.outcome == .always || fail(node.pointee.place, index)
    }
    work &-= 1
    guard work >= 0 else { return exceed(.work) }
    let kind = view.rawKind(index)
    var isValid = true
    if node.pointee.types != .all, !isAllowed(node.pointee.types, kind, index) {
      guard fail(node.pointee.place, index) || isCollecting else { return false }
      isValid = false
    }
    let special =
      switch kind {
      case 3, 4: node.pointee.number
      case 5, 6: node.pointee.string
      case 7: node.pointee.array
      case 8: node.pointee.object
      default: Int32(0)
      }
    guard node.pointee.common != 0 || special != 0 else { return isValid }
    guard depth < Self.maximumDepth else { return exceed(.depth) }
    depth &+= 1
    defer { depth &-= 1 }
    if hasScope || (node.pointee.tracks && kind >= 7) {
      return within(node, index, track, special) && isValid
    }
    return run(node.pointee.common, index, track) && (special == 0 || run(special, index, track)) && isValid
  }

  /// The same for a schema that needs more than its instructions.
  private mutating func within(_ node: UnsafePointer<SchemaNode>, _ index: Int, _ track: Int, _ special: Int32) -> Bool
  {
    let isEntered = hasScope && scope.last != node.pointee.resource
    if isEntered { scope.append(node.pointee.resource) }
    defer { if isEntered { scope.removeLast() } }
    guard node.pointee.tracks, view.rawKind(index) >= 7 else {
      return runBoth(node, index, track, special)
    }
    let own = openMarks(index)
    let isValid = runBoth(node, index, own, special)
    closeMarks(own, index, into: isValid ? track : -1)
    return isValid
  }

  private mutating func runBoth(
    _ node: UnsafePointer<SchemaNode>, _ index: Int, _ track: Int, _ special: Int32
  ) -> Bool {
    let isValid = run(node.pointee.common, index, track)
    guard isValid || isCollecting else { return false }
    return run(special, index, track) && isValid
  }

  @inline(__always)
  private func isAllowed(_ types: SchemaNode.Types, _ kind: Int, _ index: Int) -> Bool {
    let bit: SchemaNode.Types =
      switch kind {
      case 0: .null
      case 1, 2: .boolean
      case 3: .integer
      case 4: .decimal
      case 5, 6: .string
      case 7: .array
      default: .object
      }
    if types.contains(bit) { return true }
    return kind == 4 && types.contains(.wholeDecimal) && JSONNumber(view.raw(index)).isWhole
  }

  // MARK: problems and limits

  /// Notes a problem where problems are collected; always false.
  @inline(never)
  mutating func fail(_ place: Int32, _ index: Int, missing: Int32 = -1) -> Bool {
    guard isCollecting else { return false }
    problems.append(Problem(place: place, index: index, missing: missing))
    if problems.count == Self.maximumProblems { isCollecting = false }
    return false
  }

  /// Ends everything; always false.
  @inline(never)
  mutating func exceed(_ excess: Excess) -> Bool {
    if self.excess == nil { self.excess = excess }
    work = -1
    isCollecting = false
    return false
  }

  /// Counts work that grows with the size of a value.
  @inline(__always)
  mutating func charge(_ units: Int) { work &-= units }

  /// Whether a value is as a schema says, without noting what is wrong with it.
  mutating func isSilentlyValid(_ node: Int32, _ index: Int, _ track: Int) -> Bool {
    let outer = isCollecting
    isCollecting = false
    let isValid = isValid(node, index, track)
    // What ends everything ends this, too.
    isCollecting = outer && excess == nil
    return isValid
  }

  // MARK: what was looked at

  /// Room for marks of the parts of a value.
  mutating func openMarks(_ index: Int) -> Int {
    let start = marks.count
    let count = view.count(index)
    charge(count / 8)
    marks.append(contentsOf: repeatElement(false, count: count))
    return start
  }

  /// Gives the room back, and hands the marks on to `track` where that is not -1.
  mutating func closeMarks(_ start: Int, _ index: Int, into track: Int) {
    if track >= 0 { for part in 0..<view.count(index) where marks[start + part] { marks[track + part] = true } }
    marks.removeLast(marks.count - start)
  }

  /// The node that a dynamic reference leads to: that of the outermost resource which has the anchor.
  func dynamicTarget(_ node: Int32, _ anchor: Int32) -> Int32 {
    let targets = program.anchors[Int(anchor)]
    for resource in scope where targets[Int(resource)] >= 0 { return targets[Int(resource)] }
    return node
  }
}
