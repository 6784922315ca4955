/// A regular expression as a table of states and characters (a deterministic automaton), all of it made beforehand: a step
/// a byte, and nothing is allocated. Patterns whose table would be large have none, nor have those with assertions about
/// lines and words; texts with characters beyond ASCII have an answer where the pattern speaks of ranges only.
struct RegexAutomaton: Sendable {
  private static let maximumStates = 1000
  private static let maximumTable = 1 << 17
  private static let maximumSets = 62
  /// How many states are looked at to make it.
  private static let maximumWork = 1_000_000

  private enum Flag {
    static let matched: UInt8 = 1
    static let matchedAtEnd: UInt8 = 2
    /// Nothing that follows makes it match.
    static let dead: UInt8 = 4
  }

  /// The class of each character of ASCII.
  private let ascii: [UInt8]
  /// Where ranges of characters of one class begin beyond ASCII, and their classes; none where they were not worked out.
  private let starts: [UInt32]
  private let classes: [UInt8]
  private let width: Int
  private let table: [UInt16]
  private let flags: [UInt8]

  /// Whether it matches anywhere in the text; nil where that cannot be told here.
  func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool? {
    table.withUnsafeBufferPointer { table in
      flags.withUnsafeBufferPointer { flags in
        ascii.withUnsafeBufferPointer { ascii in
          var state = 0
          var place = 0
          while place < text.count {
            let flag = flags[state]
            if flag & (Flag.matched | Flag.dead) != 0 { return flag & Flag.matched != 0 }
            let byte = text[place]
            if byte < 0x80 {
              state = Int(table[state &* width &+ Int(ascii[Int(byte)])])
              place &+= 1
            } else {
              guard !starts.isEmpty else { return nil }
              let (scalar, length) = Self.scalar(text, place)
              state = Int(table[state &* width &+ classOf(scalar)])
              place &+= length
            }
          }
          return flags[state] & (Flag.matched | Flag.matchedAtEnd) != 0
        }
      }
    }
  }

  private func classOf(_ scalar: UInt32) -> Int {
    var (low, high) = (0, starts.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= scalar { low = middle } else { high = middle }
    }
    return Int(classes[low])
  }

  private static func scalar(_ text: UnsafeBufferPointer<UInt8>, _ place: Int) -> (UInt32, Int) {
    let first = UInt32(text[place])
    let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
    var scalar = first & (0xFF >> UInt32(length + 1))
    for offset in 1..<length {
      // A text that is cut off is none that was checked; it is read as if zeros followed.
      let next = place + offset < text.count ? UInt32(text[place + offset]) : 0
      scalar = scalar << 6 | next & 0x3F
    }
    return (scalar, length)
  }

  // MARK: making

  /// The automaton of a program; nil where it would be too large.
  init?(_ program: [RegularExpression.Instruction]) {
    guard let alphabet = Alphabet(program) else { return nil }
    var maker = Maker(program, alphabet)
    guard maker.run() else { return nil }
    (ascii, starts, classes, width) = (alphabet.ascii, alphabet.starts, alphabet.classes, alphabet.signatures.count)
    table = maker.table
    flags = maker.flags
  }

  /// The characters, in classes that no set of the pattern tells apart.
  private struct Alphabet {
    var ascii: [UInt8] = []
    var starts: [UInt32] = []
    var classes: [UInt8] = []
    /// For each class the sets that its characters are in, a bit each.
    var signatures: [UInt64] = []
    /// The bit of each instruction that takes a character.
    var bits: [UInt64] = []

    init?(_ program: [RegularExpression.Instruction]) {
      var sets: [CharacterSet] = []
      for instruction in program {
        switch instruction {
        case .character(let scalar):
          bits.append(1 << UInt64(sets.count))
          sets.append(CharacterSet(scalar.value))
        case .set(let set):
          bits.append(1 << UInt64(sets.count))
          sets.append(set)
        case .assert(let assertion):
          guard assertion == .textStart || assertion == .textEnd else { return nil }
          bits.append(0)
        default: bits.append(0)
        }
        if sets.count > RegexAutomaton.maximumSets { return nil }
      }
      for value in UInt32(0)..<128 { ascii.append(add(Self.signature(value, sets))) }
      guard sets.allSatisfy({ $0.categories.isEmpty && !$0.ignoresCase }) else { return }
      var bounds: Set<UInt32> = [0x80]
      for range in sets.flatMap(\.ranges) {
        if range.lowerBound > 0x80 { bounds.insert(range.lowerBound) }
        if range.upperBound >= 0x80, range.upperBound < 0x10FFFF { bounds.insert(range.upperBound + 1) }
      }
      guard bounds.count < 2000 else { return }
      for start in bounds.sorted() {
        // Surrogates are no characters, what holds for them is of no account.
        starts.append(start)
        classes.append(add(Self.signature(start, sets)))
        guard signatures.count < 250 else { return nil }
      }
    }

    private mutating func add(_ signature: UInt64) -> UInt8 {
      if let known = signatures.firstIndex(of: signature) { return UInt8(known) }
      signatures.append(signature)
      return UInt8(truncatingIfNeeded: signatures.count - 1)
    }

    private static func signature(_ value: UInt32, _ sets: [CharacterSet]) -> UInt64 {
      let scalar = Unicode.Scalar(value) ?? "\u{FFFD}"
      var signature: UInt64 = 0
      for (bit, set) in sets.enumerated() {
        let isIn = Unicode.Scalar(value) == nil ? set.ranges.contains { $0.contains(value) } : set.contains(scalar)
        if isIn { signature |= 1 << UInt64(bit) }
      }
      return signature
    }
  }

  /// Follows all states of the program at once, for every class of characters.
  private struct Maker {
    let program: [RegularExpression.Instruction]
    let alphabet: Alphabet
    var table: [UInt16] = []
    var flags: [UInt8] = []
    private var numbers: [[Int]: Int] = [:]
    private var waiting: [[Int]] = []
    private var work = 0

    init(_ program: [RegularExpression.Instruction], _ alphabet: Alphabet) {
      self.program = program
      self.alphabet = alphabet
    }

    /// Makes the table; false where it would be too large.
    mutating func run() -> Bool {
      _ = number(of: [0], isStart: true)
      var next = 0
      while next < waiting.count {
        let states = waiting[next]
        next += 1
        for signature in alphabet.signatures {
          var seeds = [0]
          for state in states where alphabet.bits[state] & signature != 0 { seeds.append(state + 1) }
          work += states.count + 1
          guard waiting.count <= RegexAutomaton.maximumStates, work < RegexAutomaton.maximumWork,
            table.count < RegexAutomaton.maximumTable
          else { return false }
          table.append(UInt16(number(of: seeds, isStart: false)))
        }
      }
      return true
    }

    /// The number of the state that the program is in when it goes on at `seeds`.
    private mutating func number(of seeds: [Int], isStart: Bool) -> Int {
      var matched = false
      var matchedAtEnd = false
      let list = follow(seeds, isStart: isStart, isEnd: false, &matched)
      _ = follow(seeds, isStart: isStart, isEnd: true, &matchedAtEnd)
      var flag: UInt8 = (matched ? Flag.matched : 0) | (matchedAtEnd ? Flag.matchedAtEnd : 0)
      if list.isEmpty, !matched, !matchedAtEnd { flag |= Flag.dead }
      let key = list + [-1 - Int(flag)]
      if let known = numbers[key] { return known }
      let number = waiting.count
      numbers[key] = number
      waiting.append(list)
      flags.append(flag)
      return number
    }

    /// The states with a character that are reached from `seeds` without one.
    private mutating func follow(_ seeds: [Int], isStart: Bool, isEnd: Bool, _ matched: inout Bool) -> [Int] {
      var seen: Set<Int> = []
      var stack = seeds
      var list: [Int] = []
      while let state = stack.popLast() {
        guard seen.insert(state).inserted else { continue }
        switch program[state] {
        case .match: matched = true
        case .jump(let target): stack.append(target)
        case .split(let first, let second): stack += [second, first]
        case .assert(.textStart): if isStart { stack.append(state + 1) }
        case .assert(.textEnd): if isEnd { stack.append(state + 1) }
        case .assert: break
        case .character, .set: list.append(state)
        }
      }
      work += seen.count
      return list.sorted()
    }
  }
}

extension RegularExpression {
  /// The automaton that matches the same; nil where it would be too large.
  func automaton() -> RegexAutomaton? { RegexAutomaton(program) }
}
