internal import Glibc

/// Names that come twice in an object: the last one counts, as in ECMAScript and most other readers.
struct JSONRepeatedNames {
  private let bytes: UnsafePointer<UInt8>
  private let words: UnsafeMutablePointer<UInt64>
  /// The words of the names; those of members to be dropped are inverted.
  private let names: UnsafeMutableBufferPointer<Int>

  /// Takes members with a name that comes again off the tape. The object's members are the last thing on the tape, from
  /// word `start` to before `end`; answers the new end and count.
  static func drop(
    _ bytes: UnsafePointer<UInt8>, _ words: UnsafeMutablePointer<UInt64>, from start: Int, to end: Int, count: Int
  ) -> (end: Int, count: Int) {
    withUnsafeTemporaryAllocation(of: Int.self, capacity: count) { names in
      var name = start
      for member in 0..<count {
        names.initializeElement(at: member, to: name)
        let value = words[name + 1]
        name = value >> 60 >= 7 ? Int(value & 0xFFFF_FFFF) : name + 2
      }
      let object = JSONRepeatedNames(bytes: bytes, words: words, names: names)
      let repeated = count <= 16 ? object.markByComparing() : object.markByHashing()
      return repeated == 0 ? (end, count) : (object.closeGaps(end: end), count - repeated)
    }
  }

  private func markByComparing() -> Int {
    var repeated = 0
    for later in names.indices.dropFirst() {
      for earlier in 0..<later where names[earlier] >= 0 && isSame(names[earlier], names[later]) {
        names[earlier] = ~names[earlier]
        repeated += 1
      }
    }
    return repeated
  }

  /// From the last name to the first, with a table of names seen; the hash is seeded, so that nobody can choose names
  /// that meet in it.
  private func markByHashing() -> Int {
    let size = 1 << (Int.bitWidth - (names.count * 2).leadingZeroBitCount)
    return withUnsafeTemporaryAllocation(of: UInt32.self, capacity: size) { table in
      table.initialize(repeating: 0)
      var repeated = 0
      for member in names.indices.reversed() {
        var slot = hash(names[member]) & (size - 1)
        while table[slot] != 0, !isSame(names[Int(table[slot]) - 1], names[member]) { slot = (slot + 1) & (size - 1) }
        if table[slot] == 0 {
          table[slot] = UInt32(member + 1)
        } else {
          names[member] = ~names[member]
          repeated += 1
        }
      }
      return repeated
    }
  }

  private func hash(_ name: Int) -> Int {
    var hasher = Hasher()
    if words[name] >> 60 == 6 {
      var decoded = JSONEscapes.decode(text(name))
      decoded.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    } else {
      hasher.combine(bytes: UnsafeRawBufferPointer(text(name)))
    }
    return hasher.finalize()
  }

  private func isSame(_ a: Int, _ b: Int) -> Bool {
    let (textA, textB) = (text(a), text(b))
    if words[a] >> 60 == 6 || words[b] >> 60 == 6 {
      return JSONEscapes.decode(textA).utf8.elementsEqual(JSONEscapes.decode(textB).utf8)
    }
    guard textA.count == textB.count, let startA = textA.baseAddress, let startB = textB.baseAddress else {
      return false
    }
    return memcmp(startA, startB, textA.count) == 0
  }

  private func text(_ name: Int) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(
      start: bytes + Int(words[name] & 0xFFFF_FFFF), count: Int(words[name] >> 32 & 0xFFF_FFFF))
  }

  /// Moves the members that stay together; containers among them point to their next sibling, which moves as well.
  private func closeGaps(end: Int) -> Int {
    var target = names.first.map { $0 < 0 ? ~$0 : $0 } ?? end
    for member in names.indices where names[member] >= 0 {
      var word = names[member]
      let following = member + 1 < names.count ? names[member + 1] : end
      let stop = following < 0 ? ~following : following
      let shift = word - target
      while word < stop {
        let isContainer = words[word] >> 60 >= 7
        words[target] = isContainer ? words[word] - UInt64(shift) : words[word]
        if isContainer { words[target + 1] = words[word + 1] }
        word += isContainer ? 2 : 1
        target += isContainer ? 2 : 1
      }
    }
    return target
  }
}
