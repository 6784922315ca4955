/// A parser, with what must hold of it whatever the bytes are: beside that it does not crash, hang or grow.
struct FuzzTarget: Sendable {
  /// How `make fuzz FUZZ=…` and the folder of its seeds call it.
  let name: String
  /// Has the parser read `bytes`; throws what does not hold.
  let run: @Sendable (_ bytes: [UInt8]) throws -> Void

  static let all = [http, json, xml, yaml, csv, cel, regex, record, openpgp, jsonSchema]
}

/// What did not hold.
struct Broken: Error, CustomStringConvertible {
  let description: String
}

/// Throws where `condition` is false.
func hold(_ condition: Bool, _ what: @autoclosure () -> String) throws(Broken) {
  guard !condition else { return }
  throw Broken(description: what())
}

extension [UInt8] {
  /// The bytes before and after the first zero byte: for parsers that take two texts.
  var halves: (first: [UInt8], second: [UInt8]) {
    guard let zero = firstIndex(of: 0) else { return (self, []) }
    return (Array(self[..<zero]), Array(self[(zero + 1)...]))
  }
}
