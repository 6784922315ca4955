/// Which part of a message another message is.
public struct PartPlace: Sendable, Equatable {
  /// Its number, from 1; bad parts count.
  public var number: Int
  /// The line of the whole that it starts in, from 1; nil where lines mean nothing.
  public var line: Int?

  /// A place.
  public init(number: Int, line: Int? = nil) {
    self.number = number
    self.line = line
  }

  /// What an expression sees as `properties.part`.
  var value: Value {
    var map = ValueMap([("number", .int(Int64(number)))])
    map["line"] = line.map { .int(Int64($0)) }
    return .map(map)
  }
}
