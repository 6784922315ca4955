import Omnibus

/// The strings extension (cel-go, `ext/README.md`, "Strings"). Places count Unicode scalars.
enum StringFunctions {
  static let all: [Function] = [
    .member("charAt", [[.string, .int] => .string], .binary(charAt)),
    .member(
      "indexOf", [[.string, .string] => .int],
      .binary { text, part, frame throws(Fault) in
        try index(text, part, .int(0), &frame)
      }),
    .member("indexOf", [[.string, .string, .int] => .int], .ternary(index)),
    .member(
      "lastIndexOf", [[.string, .string] => .int],
      .binary { text, part, frame throws(Fault) in
        try lastIndex(text, part, nil, &frame)
      }),
    .member(
      "lastIndexOf", [[.string, .string, .int] => .int],
      .ternary { text, part, place, frame throws(Fault) in
        try lastIndex(text, part, try place.asInt(), &frame)
      }),
    .member(
      "join", [[.list(.dyn)] => .string],
      .unary { list, frame throws(Fault) in
        try join(list, .string(""), &frame)
      }),
    .member("join", [[.list(.dyn), .string] => .string], .binary(join)),
    mapped("lowerAscii") { String(decoding: $0.utf8.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }, as: UTF8.self) },
    mapped("upperAscii") { String(decoding: $0.utf8.map { $0 &- 0x61 < 26 ? $0 & 0xDF : $0 }, as: UTF8.self) },
    mapped("trim", trim),
    mapped("reverse") { text in
      var result = String.UnicodeScalarView()
      result.append(contentsOf: text.unicodeScalars.reversed())
      return String(result)
    },
    .global(
      "strings.quote", [[.string] => .string],
      .unary { text, frame throws(Fault) in
        let text = try text.asString()
        try frame.charge(bytes: text.utf8.count)
        return .string(quote(text))
      }),
    .member(
      "replace", [[.string, .string, .string] => .string],
      .ternary { text, old, new, frame throws(Fault) in
        try replace(text, old, new, -1, &frame)
      }),
    .member(
      "replace", [[.string, .string, .string, .int] => .string],
      .variadic(minimum: 4) { arguments, frame throws(Fault) in
        guard arguments.count == 4 else { throw .noSuchOverload }
        return try replace(arguments[0], arguments[1], arguments[2], try arguments[3].asInt(), &frame)
      }),
    .member(
      "split", [[.string, .string] => .list(.string)],
      .binary { text, separator, frame throws(Fault) in
        try split(text, separator, .int(-1), &frame)
      }),
    .member("split", [[.string, .string, .int] => .list(.string)], .ternary(split)),
    .member(
      "substring", [[.string, .int] => .string],
      .binary { text, start, _ throws(Fault) in
        try substring(text, start, nil)
      }),
    .member(
      "substring", [[.string, .int, .int] => .string],
      .ternary { text, start, end, _ throws(Fault) in
        try substring(text, start, try end.asInt())
      }),
    .member("format", [[.string, .list(.dyn)] => .string], .binary(Formatting.format)),
  ]

  private static func mapped(_ name: String, _ change: @escaping @Sendable (String) -> String) -> Function {
    .member(
      name, [[.string] => .string],
      .unary { text, frame throws(Fault) in
        let text = try text.asString()
        try frame.charge(bytes: text.utf8.count)
        return .string(change(text))
      })
  }

  private static let outOfRange = Fault("index out of range")

  private static func charAt(_ text: Value, _ place: Value, _ frame: inout Frame) throws(Fault) -> Value {
    let scalars = try text.asString().unicodeScalars
    let place = try place.asInt()
    guard place >= 0, let start = scalars.index(scalars.startIndex, offsetBy: place, limitedBy: scalars.endIndex) else {
      throw outOfRange
    }
    return .string(start == scalars.endIndex ? "" : String(scalars[start]))
  }

  private static func index(
    _ text: Value, _ part: Value, _ from: Value, _ frame: inout Frame
  ) throws(Fault) -> Value {
    let text = Array(try text.asString().unicodeScalars)
    let part = Array(try part.asString().unicodeScalars)
    let from = try from.asInt()
    if part.isEmpty, from == 0 { return .int(0) }
    guard from >= 0, from < max(text.count, 1) || (from == text.count && part.isEmpty) else { throw outOfRange }
    return .int(Int64(try search(text, part, Array(from...max(from, text.count - part.count)), &frame)))
  }

  private static func lastIndex(
    _ text: Value, _ part: Value, _ from: Int?, _ frame: inout Frame
  ) throws(Fault) -> Value {
    let text = Array(try text.asString().unicodeScalars)
    let part = Array(try part.asString().unicodeScalars)
    if let from { guard from >= 0, from < max(text.count, 1) else { throw outOfRange } }
    let last = min(from ?? text.count, text.count - part.count)
    return .int(last < 0 ? -1 : Int64(try search(text, part, (0...last).reversed(), &frame)))
  }

  /// The first of `places` at which `part` stands, -1 where it stands at none.
  private static func search(
    _ text: [Unicode.Scalar], _ part: [Unicode.Scalar], _ places: [Int], _ frame: inout Frame
  ) throws(Fault) -> Int {
    for place in places where place + part.count <= text.count {
      try frame.charge(1 + part.count / 8)
      if text[place..<place + part.count].elementsEqual(part) { return place }
    }
    return -1
  }

  private static func join(_ list: Value, _ separator: Value, _ frame: inout Frame) throws(Fault) -> Value {
    let separator = try separator.asString()
    var result = ""
    for (place, element) in try list.asList().enumerated() {
      let part = try element.resolved.asString()
      try frame.charge(bytes: part.utf8.count + separator.utf8.count)
      if place > 0 { result += separator }
      result += part
    }
    return .string(result)
  }

  private static func replace(
    _ text: Value, _ old: Value, _ new: Value, _ limit: Int, _ frame: inout Frame
  ) throws(Fault) -> Value {
    let text = Array(try text.asString().unicodeScalars)
    let old = Array(try old.asString().unicodeScalars)
    let new = try new.asString()
    var result = String.UnicodeScalarView()
    var left = limit < 0 ? Int.max : limit
    var place = 0
    try frame.charge(bytes: text.count)
    while place <= text.count {
      let isHere = left > 0 && place + old.count <= text.count && text[place..<place + old.count].elementsEqual(old)
      if isHere {
        try frame.charge(bytes: new.utf8.count)
        result.append(contentsOf: new.unicodeScalars)
        left -= 1
        place += old.count
      }
      if !isHere || old.isEmpty {
        if place < text.count { result.append(text[place]) }
        place += 1
      }
      if place == text.count, !old.isEmpty { break }
    }
    return .string(String(result))
  }

  private static func split(
    _ text: Value, _ separator: Value, _ limit: Value, _ frame: inout Frame
  ) throws(Fault) -> Value {
    let text = Array(try text.asString().unicodeScalars)
    let separator = Array(try separator.asString().unicodeScalars)
    let limit = try limit.asInt()
    guard limit != 0 else { return .list([]) }
    var parts: [Value] = []
    var start = 0
    var place = 0
    try frame.charge(text.count)
    if separator.isEmpty {
      let alone = limit < 0 ? text.count : min(text.count, limit - 1)
      parts = text[..<alone].map { .string(String($0)) }
      if alone < text.count { parts.append(string(text[alone...])) }
      return .list(parts)
    }
    while place + separator.count <= text.count, limit < 0 || parts.count < limit - 1 {
      if text[place..<place + separator.count].elementsEqual(separator) {
        parts.append(string(text[start..<place]))
        place += separator.count
        start = place
      } else {
        place += 1
      }
    }
    return .list(parts + [string(text[start...])])
  }

  private static func substring(_ text: Value, _ start: Value, _ end: Int?) throws(Fault) -> Value {
    let scalars = Array(try text.asString().unicodeScalars)
    let start = try start.asInt()
    let end = end ?? scalars.count
    guard start >= 0, start <= end, end <= scalars.count else { throw outOfRange }
    return string(scalars[start..<end])
  }

  private static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> Value {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return .string(String(view))
  }

  /// Without the white space of Unicode at both ends.
  @Sendable private static func trim(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
      let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
    else { return "" }
    return String(scalars[first...last])
  }

  private static func quote(_ text: String) -> String {
    let escapes: [Unicode.Scalar: String] = [
      "\u{7}": "\\a", "\u{8}": "\\b", "\u{C}": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\u{B}": "\\v",
      "\\": "\\\\", "\"": "\\\"",
    ]
    return "\"" + text.unicodeScalars.map { escapes[$0] ?? String($0) }.joined() + "\""
  }
}
