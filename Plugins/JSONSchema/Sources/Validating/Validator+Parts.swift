import Omnibus

extension Validator {
  // MARK: elements

  mutating func items(_ this: UnsafePointer<Int32>, _ index: Int, _ track: Int) -> Bool {
    var isValid = true
    let (rest, first) = (this[2], Int(this[3]))
    var element = view.first(index)
    let end = view.end(index)
    var place = 0
    while element < end {
      let node = place < first ? this[4 + place] : rest
      if node < 0 { break }
      if track >= 0 { marks[track + place] = true }
      if !self.isValid(node, element, -1) {
        guard isCollecting else { return false }
        isValid = false
      }
      element = view.next(element)
      place += 1
    }
    return isValid
  }

  mutating func contains(_ this: UnsafePointer<Int32>, _ index: Int, _ track: Int) -> Bool {
    let isTracking = track >= 0 && this[5] == 1
    var (found, place) = (0, 0)
    var element = view.first(index)
    let end = view.end(index)
    while element < end {
      if isSilentlyValid(this[2], element, -1) {
        found += 1
        if isTracking { marks[track + place] = true }
        if !isTracking, found >= this[3], this[4] == .max { return true }
      }
      element = view.next(element)
      place += 1
    }
    return (found >= this[3] && found <= this[4]) || fail(this[1], index)
  }

  mutating func isUnique(_ index: Int) -> Bool {
    charge((view.next(index) - index) / 4)
    return JSONEquality.isUnique(view, index)
  }

  // MARK: members

  mutating func members(_ this: UnsafePointer<Int32>, _ index: Int, _ track: Int) -> Bool {
    let (table, others, patterns) = (this[2], this[4], Int(this[6]))
    var isValid = true
    var found = Int32(0)
    var key = view.first(index)
    let end = view.end(index)
    var place = 0
    while key < end {
      let entry = entry(of: key, in: table)
      var isKnown = false
      var node: Int32 = -1
      if entry >= 0 {
        let entry = program.entries[Int(entry)]
        if entry.isRequired { found &+= 1 }
        isKnown = entry.isProperty
        node = entry.node
      }
      if node >= 0, !self.isValid(node, key &+ 1, -1) {
        guard isCollecting else { return false }
        isValid = false
      }
      for pattern in 0..<patterns where matchesName(this[7 + 2 * pattern], key) {
        isKnown = true
        if !self.isValid(this[8 + 2 * pattern], key &+ 1, -1) {
          guard isCollecting else { return false }
          isValid = false
        }
      }
      if !isKnown, others >= 0 {
        isKnown = true
        if !self.isValid(others, key &+ 1, -1) {
          guard isCollecting else { return false }
          isValid = false
        }
      }
      if track >= 0, isKnown { marks[track + place] = true }
      key = view.next(key &+ 1)
      place &+= 1
    }
    guard found < this[3] else { return isValid }
    return missing(table, this[5], index)
  }

  private mutating func matchesName(_ pattern: Int32, _ key: Int) -> Bool {
    charge(1 + view.count(key) / 16)
    let pattern = program.patterns[Int(pattern)]
    if let isMatch = withText(key, { pattern.matches($0) }) { return isMatch }
    return exceed(.pattern)
  }

  /// Notes all required names of a table that an object does not have; always false.
  @inline(never)
  private mutating func missing(_ table: Int32, _ place: Int32, _ index: Int) -> Bool {
    let table = program.tables[Int(table)]
    for entry in table.entries..<table.entries + table.count
    where isCollecting && program.entries[Int(entry)].isRequired {
      if member(entry: entry, of: index) == nil { _ = fail(place, index, missing: entry) }
    }
    return false
  }

  mutating func propertyNames(_ this: UnsafePointer<Int32>, _ index: Int) -> Bool {
    var isValid = true
    var key = view.first(index)
    while key < view.end(index) {
      if !self.isValid(this[2], key, -1) {
        guard isCollecting else { return false }
        isValid = false
      }
      key = view.next(key &+ 1)
    }
    return isValid
  }

  mutating func dependentRequired(_ this: UnsafePointer<Int32>, _ index: Int) -> Bool {
    guard member(named: this[2], of: index) != nil else { return true }
    let table = program.tables[Int(this[3])]
    for entry in table.entries..<table.entries + table.count where member(entry: entry, of: index) == nil {
      return isCollecting ? missing(this[3], this[1], index) : false
    }
    return true
  }

  /// The members or elements that nothing has looked at.
  mutating func unevaluated(_ this: UnsafePointer<Int32>, _ index: Int, _ track: Int) -> Bool {
    var isValid = true
    let isObject = view.rawKind(index) == 8
    var part = view.first(index)
    let end = view.end(index)
    var place = 0
    while part < end {
      let value = isObject ? part &+ 1 : part
      if !marks[track + place] {
        marks[track + place] = true
        if !self.isValid(this[2], value, -1) {
          guard isCollecting else { return false }
          isValid = false
        }
      }
      part = view.next(value)
      place += 1
    }
    return isValid
  }

  // MARK: names

  /// The value of the member that is called as the one entry of a table is.
  mutating func member(named table: Int32, of index: Int) -> Int? {
    member(entry: program.tables[Int(table)].entries, of: index)
  }

  private mutating func member(entry: Int32, of index: Int) -> Int? {
    charge(view.count(index) / 8)
    let entry = program.entries[Int(entry)]
    return program.names.withUnsafeBufferPointer { names in
      view.member(
        UnsafeBufferPointer(rebasing: names[Int(entry.offset)..<Int(entry.offset + entry.length)]), of: index)
    }
  }

  /// The entry of a table for the string at `index`; -1 where there is none.
  @inline(__always)
  func entry(of index: Int, in table: Int32) -> Int32 {
    guard view.rawKind(index) == 5 else { return entry(ofEscaped: index, in: table) }
    let text = view.raw(index)
    // A string's bytes are never at no address.
    guard let start = text.baseAddress else { return -1 }
    return entry(start, text.count, in: program.tables[Int(table)])
  }

  @inline(never)
  private func entry(ofEscaped index: Int, in table: Int32) -> Int32 {
    let bytes = Array(view.string(index).utf8)
    return (bytes + [UInt8](repeating: 0, count: 8)).withUnsafeBufferPointer { text in
      text.baseAddress.map { entry($0, bytes.count, in: program.tables[Int(table)]) } ?? -1
    }
  }

  @inline(__always)
  private func entry(_ text: UnsafePointer<UInt8>, _ length: Int, in table: NameTable) -> Int32 {
    guard table.count > 0 else { return -1 }
    var slot = Int32(truncatingIfNeeded: NameTable.hash(text, length)) & table.mask
    return program.slots.withUnsafeBufferPointer { slots in
      program.entries.withUnsafeBufferPointer { entries in
        program.names.withUnsafeBufferPointer { names in
          while true {
            let number = slots[Int(table.slots + slot)]
            guard number >= 0 else { return -1 }
            let entry = entries[Int(number)]
            if Int(entry.length) == length, Self.isSame(names, Int(entry.offset), text, length) { return number }
            slot = (slot + 1) & table.mask
          }
        }
      }
    }
  }

  @inline(__always)
  private static func isSame(
    _ names: UnsafeBufferPointer<UInt8>, _ offset: Int, _ text: UnsafePointer<UInt8>, _ length: Int
  ) -> Bool {
    for place in 0..<length where names[offset &+ place] != text[place] { return false }
    return true
  }
}
