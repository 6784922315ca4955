import Omnibus

extension Validator {
  /// Runs a list of instructions on a value.
  mutating func run(_ start: Int32, _ index: Int, _ track: Int) -> Bool {
    var isValid = true
    var next = code + Int(start)
    while true {
      let this = next
      let holds: Bool
      switch Instruction(rawValue: this[0]) {
      case .end, nil: return isValid
      case .reference:
        holds = self.isValid(this[2], index, track)
        next += 3
      case .dynamicReference:
        holds = self.isValid(dynamicTarget(this[2], this[3]), index, track)
        next += 4
      case .allOf:
        holds = allOf(this, index, track)
        next += 3 + Int(this[2])
      case .anyOf:
        holds = anyOf(this, index, track)
        next += 3 + Int(this[2])
      case .oneOf:
        holds = oneOf(this, index, track)
        next += 3 + Int(this[2])
      case .not:
        holds = !isSilentlyValid(this[2], index, -1) || fail(this[1], index)
        next += 3
      case .condition:
        holds = condition(this, index, track)
        next += 5
      case .constant:
        holds = isEqual(this[2], index) || fail(this[1], index)
        next += 3
      case .enumeration:
        holds = isListed(this, index) || fail(this[1], index)
        next += 5
      case .listed:
        holds = isListed(this[2], this[3], index) || fail(this[1], index)
        next += 4
      case .minLength:
        holds = length(index) >= Int(this[2]) || fail(this[1], index)
        next += 3
      case .maxLength:
        holds = isShort(index, Int(this[2])) || fail(this[1], index)
        next += 3
      case .pattern:
        holds = matches(this[2], index) || fail(this[1], index)
        next += 3
      case .format:
        holds = hasFormat(this[2], index) || fail(this[1], index)
        next += 3
      case .content:
        holds = hasContent(isEncoded: this[2] == 1, isJSON: this[3] == 1, index) || fail(this[1], index)
        next += 4
      case .minimum:
        holds = compare(index, this[2]) >= 0 || fail(this[1], index)
        next += 3
      case .exclusiveMinimum:
        holds = compare(index, this[2]) > 0 || fail(this[1], index)
        next += 3
      case .maximum:
        holds = compare(index, this[2]) <= 0 || fail(this[1], index)
        next += 3
      case .exclusiveMaximum:
        holds = compare(index, this[2]) < 0 || fail(this[1], index)
        next += 3
      case .multipleOf:
        holds = JSONNumber(view.raw(index)).isMultiple(of: program.divisors[Int(this[2])]) || fail(this[1], index)
        next += 3
      case .minItems, .minProperties:
        holds = view.count(index) >= Int(this[2]) || fail(this[1], index)
        next += 3
      case .maxItems, .maxProperties:
        holds = view.count(index) <= Int(this[2]) || fail(this[1], index)
        next += 3
      case .uniqueItems:
        holds = isUnique(index) || fail(this[1], index)
        next += 2
      case .items:
        holds = items(this, index, track)
        next += 4 + Int(this[3])
      case .contains:
        holds = contains(this, index, track)
        next += 6
      case .unevaluatedItems, .unevaluatedProperties:
        holds = unevaluated(this, index, track)
        next += 3
      case .members:
        holds = members(this, index, track)
        next += 7 + 2 * Int(this[6])
      case .propertyNames:
        holds = propertyNames(this, index)
        next += 3
      case .dependentRequired:
        holds = dependentRequired(this, index)
        next += 4
      case .dependentSchema:
        holds = member(named: this[2], of: index) == nil || self.isValid(this[3], index, track)
        next += 4
      }
      if !holds {
        guard isCollecting else { return false }
        isValid = false
      }
    }
  }

  // MARK: other schemas for the same value

  private mutating func allOf(_ this: UnsafePointer<Int32>, _ index: Int, _ track: Int) -> Bool {
    var isValid = true
    for branch in 0..<Int(this[2]) where !self.isValid(this[3 + branch], index, track) {
      guard isCollecting else { return false }
      isValid = false
    }
    return isValid
  }

  private mutating func anyOf(_ this: UnsafePointer<Int32>, _ index: Int, _ track: Int) -> Bool {
    var isFound = false
    // Where members are tracked, all branches are needed.
    for branch in 0..<Int(this[2]) where isBranchValid(this[3 + branch], index, track) {
      isFound = true
      if track < 0 { break }
    }
    return isFound || fail(this[1], index)
  }

  private mutating func oneOf(_ this: UnsafePointer<Int32>, _ index: Int, _ track: Int) -> Bool {
    var found = 0
    for branch in 0..<Int(this[2]) where isBranchValid(this[3 + branch], index, track) {
      found += 1
      if found > 1 { break }
    }
    return found == 1 || fail(this[1], index)
  }

  /// Whether a value is as one of several schemas says; only then counts what that one looked at.
  private mutating func isBranchValid(_ node: Int32, _ index: Int, _ track: Int) -> Bool {
    guard track >= 0 else { return isSilentlyValid(node, index, -1) }
    let own = openMarks(index)
    let isValid = isSilentlyValid(node, index, own)
    closeMarks(own, index, into: isValid ? track : -1)
    return isValid
  }

  private mutating func condition(_ this: UnsafePointer<Int32>, _ index: Int, _ track: Int) -> Bool {
    let branch = isBranchValid(this[2], index, track) ? this[3] : this[4]
    return branch < 0 || isValid(branch, index, track)
  }

  // MARK: equality

  private mutating func isEqual(_ number: Int32, _ index: Int) -> Bool {
    charge(size(index) / 16)
    let constant = program.constants[Int(number)]
    return JSONEquality.areEqual(
      view, index, program.documents[Int(constant.document)].view, Int(constant.index))
  }

  private mutating func isListed(_ this: UnsafePointer<Int32>, _ index: Int) -> Bool {
    if view.rawKind(index) == 5 || view.rawKind(index) == 6 { return entry(of: index, in: this[4]) >= 0 }
    for number in 0..<this[3] where isEqual(this[2] + number, index) { return true }
    return false
  }

  private mutating func isListed(_ values: Int32, _ texts: Int32, _ index: Int) -> Bool {
    if view.rawKind(index) == 5 || view.rawKind(index) == 6 { return entry(of: index, in: texts) >= 0 }
    charge(size(index) / 16)
    return program.values[Int(values)].contains(JSONEquality.hash(view, index))
  }

  /// How much there is to look at in a value, in words or bytes.
  private func size(_ index: Int) -> Int { view.rawKind(index) >= 7 ? view.next(index) - index : view.count(index) }

  // MARK: texts

  /// How many characters the string has (RFC 8259, 1).
  private func length(_ index: Int) -> Int {
    if view.rawKind(index) == 6 { return view.string(index).unicodeScalars.count }
    var count = 0
    for byte in view.raw(index) where byte & 0xC0 != 0x80 { count &+= 1 }
    return count
  }

  private func isShort(_ index: Int, _ limit: Int) -> Bool { view.count(index) <= limit || length(index) <= limit }

  private mutating func matches(_ number: Int32, _ index: Int) -> Bool {
    let pattern = program.patterns[Int(number)]
    charge(view.count(index) / 16)
    if let isMatch = withText(index, { pattern.matches($0) }) { return isMatch }
    return exceed(.pattern)
  }

  private mutating func hasFormat(_ format: Int32, _ index: Int) -> Bool {
    charge(view.count(index) / 16)
    return withText(index) { ValueFormat(rawValue: Int(format))?.isSatisfied(by: $0) ?? true }
  }

  private mutating func hasContent(isEncoded: Bool, isJSON: Bool, _ index: Int) -> Bool {
    charge(view.count(index) / 16)
    return withText(index) { text in
      var bytes = Array(text)
      if isEncoded {
        guard let decoded = Base64.decode(String(decoding: text, as: UTF8.self)) else { return false }
        bytes = decoded
      }
      return !isJSON || (try? JSONText.parse(bytes)) != nil
    }
  }

  /// Hands the characters of a string to `body`.
  func withText<Result>(_ index: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    guard view.rawKind(index) == 6 else { return body(view.raw(index)) }
    var text = view.string(index)
    return text.withUTF8(body)
  }

  // MARK: numbers

  /// Below, at or above 0 as the value is less than, equal to or greater than a bound.
  private func compare(_ index: Int, _ number: Int32) -> Int {
    let bound = program.bounds[Int(number)]
    if let limit = bound.integer, let value = wholeNumber(index) { return value < limit ? -1 : value == limit ? 0 : 1 }
    let document = program.documents[Int(bound.constant.document)]
    return JSONNumber(view.raw(index)).compare(JSONNumber(document.view.raw(Int(bound.constant.index))))
  }

  /// The whole number that is written without fraction and exponent in at most 18 digits.
  private func wholeNumber(_ index: Int) -> Int64? {
    guard view.rawKind(index) == 3, view.count(index) <= 18 else { return nil }
    var value: Int64 = 0
    let text = view.raw(index)
    let isNegative = text[0] == UInt8(ascii: "-")
    for place in (isNegative ? 1 : 0)..<text.count { value = value &* 10 &+ Int64(text[place] &- 0x30) }
    return isNegative ? -value : value
  }
}
