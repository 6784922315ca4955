/// The attributes that go with a message of SQS (Amazon SQS Developer Guide, "Message attributes").
enum MessageAttributes {
  /// How many there can be.
  static let most = 10

  /// What is wrong with a name; nil for nothing.
  static func problem(_ name: String) -> String? {
    let isSound = name.utf8.allSatisfy { byte in
      let letter = byte | 0x20
      return 0x30...0x39 ~= byte || 0x61...0x7A ~= letter && byte >= 0x41 || "-_.".utf8.contains(byte)
    }
    guard 1...256 ~= name.utf8.count, isSound, !name.hasPrefix("."), !name.hasSuffix("."), !name.contains("..") else {
      return "is no name of an attribute: letters, digits, - _ and . between them"
    }
    let lower = name.lowercased()
    guard !lower.hasPrefix("aws."), !lower.hasPrefix("amazon.") else { return "begins with what AWS keeps for itself" }
    guard lower != SQSText.encoding, lower != SQSText.length else {
      return "says how the body goes, which is not for a route"
    }
    return nil
  }
}
