/// The names that queues can have.
enum QueueName {
  /// What is wrong with a name; nil for nothing.
  static func problem(_ name: String) -> String? {
    guard (1...100).contains(name.utf8.count) else { return "must have 1 to 100 characters" }
    return name.utf8.allSatisfy(isAllowed) ? nil : "may have letters, digits, - _ and . only"
  }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
      true
    default: false
    }
  }
}
