/// Which part of a message another message is.
public struct PartPlace: Sendable, Equatable {
  /// Its number, from 1; bad parts count.
  public var number: Int
  /// The line of the whole that it starts in, from 1; nil where lines mean nothing.
  public var line: Int?
  /// What it is, where the whole has parts of several types: the type of a record in a flat file.
  public var type: String?

  /// A place.
  public init(number: Int, line: Int? = nil, type: String? = nil) {
    self.number = number
    self.line = line
    self.type = type
  }

  /// What an expression sees as `properties.part`.
  var value: Value {
    var map = ValueMap([("number", .int(Int64(number)))])
    map["line"] = line.map { .int(Int64($0)) }
    map["type"] = type.map(Value.string)
    return .map(map)
  }
}
