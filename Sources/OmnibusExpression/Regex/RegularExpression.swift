import Synchronization

/// A regular expression in RE2's syntax, matched in time that grows with the length of the text and never with its
/// content: all states that a text can lead to are followed at once (Thompson, 1968), there is no going back.
struct RegularExpression: Sendable {
  enum Instruction: Sendable {
    case character(Unicode.Scalar)
    case set(CharacterSet)
    case split(Int, Int)
    case jump(Int)
    case assert(RegexNode.Assertion)
    case match
  }

  /// The most instructions of a pattern, which repetitions multiply.
  private static let maximumSize = 5000
  private static let maximumCached = 200
  private static let cache = Mutex<[String: RegularExpression]>([:])

  private(set) var program: [Instruction] = []
  /// Counts what was compiled, for repetitions of nothing add no instructions.
  private var work = 0

  /// Compiles a pattern.
  init(_ pattern: String) throws(Fault) {
    try emit(try RegexParser.parse(pattern))
    program.append(.match)
  }

  /// The compiled pattern; those that come again are compiled once.
  static func cached(_ pattern: String) throws(Fault) -> RegularExpression {
    if let known = cache.withLock({ $0[pattern] }) { return known }
    let compiled = try RegularExpression(pattern)
    cache.withLock { if $0.count < maximumCached { $0[pattern] = compiled } }
    return compiled
  }

  /// Whether the pattern matches anywhere in the text; the work of it counts in the frame.
  func matches(_ text: String, _ frame: inout Frame) throws(Fault) -> Bool {
    try matches(text) { (units) throws(Fault) in try frame.charge(units) }
  }

  /// Whether the pattern matches anywhere in the text. `charge` is told of the work, a unit a state and character.
  func matches(_ text: String, charge: (Int) throws(Fault) -> Void) throws(Fault) -> Bool {
    var threads = Threads(program.count)
    var next = Threads(program.count)
    var previous: Unicode.Scalar?
    var scalars = text.unicodeScalars.makeIterator()
    var current = scalars.next()
    while true {
      if follow(0, &threads, previous, current) { return true }
      guard let scalar = current else { return false }
      // States without a character cost less to pass than those with one, and a pattern may have thousands of them.
      try charge(1 + threads.list.count + threads.visited / 8)
      current = scalars.next()
      next.removeAll()
      for state in threads.list {
        let isHit =
          switch program[state] {
          case .character(let wanted): wanted == scalar
          case .set(let set): set.contains(scalar)
          default: false
          }
        if isHit, follow(state + 1, &next, scalar, current) { return true }
      }
      swap(&threads, &next)
      previous = scalar
    }
  }

  /// Adds all states that are reached from `state` without a character; answers whether the match is among them.
  private func follow(
    _ state: Int, _ threads: inout Threads, _ previous: Unicode.Scalar?, _ current: Unicode.Scalar?
  ) -> Bool {
    threads.stack.append(state)
    while let state = threads.stack.popLast() {
      guard threads.mark(state) else { continue }
      switch program[state] {
      case .match:
        threads.stack.removeAll()
        return true
      case .jump(let target): threads.stack.append(target)
      case .split(let first, let second):
        threads.stack.append(second)
        threads.stack.append(first)
      case .assert(let assertion):
        if Self.holds(assertion, previous, current) { threads.stack.append(state + 1) }
      case .character, .set: threads.list.append(state)
      }
    }
    return false
  }

  private static func holds(
    _ assertion: RegexNode.Assertion, _ previous: Unicode.Scalar?, _ current: Unicode.Scalar?
  ) -> Bool {
    switch assertion {
    case .textStart: previous == nil
    case .textEnd: current == nil
    case .lineStart: previous == nil || previous == "\n"
    case .lineEnd: current == nil || current == "\n"
    case .wordBoundary: isWord(previous) != isWord(current)
    case .noWordBoundary: isWord(previous) == isWord(current)
    }
  }

  private static func isWord(_ scalar: Unicode.Scalar?) -> Bool {
    guard let scalar, scalar.isASCII else { return false }
    return scalar == "_" || scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
  }

  /// The states that are being followed.
  private struct Threads {
    var list: [Int] = []
    var stack: [Int] = []
    private var marks: [UInt32]
    private var generation: UInt32 = 1
    /// How many states were noted since the last character.
    private(set) var visited = 0

    init(_ count: Int) { marks = Array(repeating: 0, count: count) }

    /// Notes the state; false where it was noted.
    mutating func mark(_ state: Int) -> Bool {
      guard marks[state] != generation else { return false }
      marks[state] = generation
      visited += 1
      return true
    }

    mutating func removeAll() {
      list.removeAll(keepingCapacity: true)
      visited = 0
      generation &+= 1
      guard generation == 0 else { return }
      generation = 1
      for state in marks.indices { marks[state] = 0 }
    }
  }

  // MARK: compiling

  private mutating func emit(_ node: RegexNode) throws(Fault) {
    work += 1
    guard max(work, program.count) < Self.maximumSize else {
      throw Fault("invalid regular expression: with its repetitions it is too large")
    }
    switch node {
    case .empty: break
    case .character(let set):
      // Each character of a text is looked up in all of them.
      work += set.ranges.count / 8
      let single = set.ranges.first.flatMap { Unicode.Scalar($0.lowerBound) }
      if let single, set.ranges.count == 1, set.ranges[0].count == 1, !set.isNegated, !set.ignoresCase,
        set.categories.isEmpty
      {
        program.append(.character(single))
      } else {
        program.append(.set(set))
      }
    case .assertion(let assertion): program.append(.assert(assertion))
    case .sequence(let nodes): for node in nodes { try emit(node) }
    case .alternatives(let nodes): try emitAlternatives(nodes)
    case .repeated(let node, let minimum, let maximum): try emitRepeated(node, minimum, maximum)
    }
  }

  private mutating func emitAlternatives(_ nodes: [RegexNode]) throws(Fault) {
    var jumps: [Int] = []
    for (place, node) in nodes.enumerated() {
      guard place < nodes.count - 1 else {
        try emit(node)
        break
      }
      let split = program.count
      program.append(.split(split + 1, 0))
      try emit(node)
      jumps.append(program.count)
      program.append(.jump(0))
      program[split] = .split(split + 1, program.count)
    }
    for jump in jumps { program[jump] = .jump(program.count) }
  }

  private mutating func emitRepeated(_ node: RegexNode, _ minimum: Int, _ maximum: Int?) throws(Fault) {
    for _ in 0..<minimum { try emit(node) }
    guard let maximum else {
      let split = program.count
      program.append(.split(split + 1, 0))
      try emit(node)
      program.append(.jump(split))
      program[split] = .split(split + 1, program.count)
      return
    }
    var splits: [Int] = []
    for _ in minimum..<max(minimum, maximum) {
      splits.append(program.count)
      program.append(.split(program.count + 1, 0))
      try emit(node)
    }
    for split in splits { program[split] = .split(split + 1, program.count) }
  }
}
