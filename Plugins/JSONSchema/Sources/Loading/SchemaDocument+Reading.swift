import Omnibus

extension SchemaDocument {
  /// The index of a member's value; nil where there is none, or no object.
  func member(_ name: String, of index: Int) -> Int? {
    var name = name
    return name.withUTF8 { view.member($0, of: index) }
  }

  /// The text under `name`; nil where there is none.
  func text(of name: String, in index: Int) -> String? {
    guard let value = member(name, of: index), isString(value) else { return nil }
    return view.string(value)
  }

  func isString(_ index: Int) -> Bool { view.rawKind(index) == 5 || view.rawKind(index) == 6 }

  func isNumber(_ index: Int) -> Bool { view.rawKind(index) == 3 || view.rawKind(index) == 4 }

  func isBoolean(_ index: Int) -> Bool { view.rawKind(index) == 1 || view.rawKind(index) == 2 }

  /// The member or element that a token of a JSON pointer names (RFC 6901, 4).
  func child(_ token: String, of index: Int) -> Int? {
    switch view.rawKind(index) {
    case 8: return member(token, of: index)
    case 7:
      guard let place = Int(token), String(place) == token, place >= 0, place < view.count(index) else { return nil }
      var element = view.first(index)
      for _ in 0..<place { element = view.next(element) }
      return element
    default: return nil
    }
  }

  /// Calls `body` for each member with its name and the index of its value; for none where there is no object.
  func forEachMember(of index: Int, _ body: (String, Int) -> Void) {
    guard view.rawKind(index) == 8 else { return }
    var key = view.first(index)
    while key < view.end(index) {
      body(view.string(key), key + 1)
      key = view.next(key + 1)
    }
  }

  /// Calls `body` for the index of each element; for none where there is no array.
  func forEachElement(of index: Int, _ body: (Int) -> Void) {
    guard view.rawKind(index) == 7 else { return }
    var element = view.first(index)
    while element < view.end(index) {
      body(element)
      element = view.next(element)
    }
  }

  /// The elements of an array.
  func elements(of index: Int) -> [Int] {
    var all: [Int] = []
    forEachElement(of: index) { all.append($0) }
    return all
  }

  /// A whole number of 0 or more that `index` holds, also as `2.0`; nil for anything else.
  func size(_ index: Int) -> Int? {
    guard isNumber(index) else { return nil }
    return JSONNumber(view.raw(index)).size
  }
}
