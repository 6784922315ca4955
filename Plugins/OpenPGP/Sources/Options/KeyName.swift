internal import Omnibus

/// What a key is called by: its fingerprint, its key id of 16 digits, a whole user id, or the address in one.
struct KeyName: OptionValue, Hashable, CustomStringConvertible {
  /// As it is compared: hexadecimal digits in capitals without spaces, else as it was written.
  let text: String
  let isHexadecimal: Bool

  var description: String { text }

  init?(_ written: String) {
    let digits = written.filter { $0 != " " }.uppercased()
    let isHexadecimal = [16, 40, 64].contains(digits.count) && digits.allSatisfy(\.isHexDigit)
    guard isHexadecimal || written.contains("@") || written.contains(" ") else { return nil }
    self.isHexadecimal = isHexadecimal
    text = isHexadecimal ? digits : written
  }

  static var shape: OptionShape { .scalar("key", example: "\"ops@partner.example\"") }

  static func decode(_ node: Node, in scope: LoadScope) -> KeyName? {
    guard let text = String.decode(node, in: scope) else { return nil }
    if let name = KeyName(text) { return name }
    scope.report(
      "invalid-option", at: node.location,
      "\(scope.subject) takes a key's fingerprint, its id of 16 digits, a user id, or the address in one",
      help: "gpg --list-keys shows them")
    return nil
  }

  /// Whether a key has the name.
  func matches(fingerprint: String, users: [String]) -> Bool {
    if isHexadecimal { return text.count == 16 ? fingerprint.hasSuffix(text) : fingerprint == text }
    let address = text.lowercased()
    return users.contains { user in
      user == text || user.lowercased() == address || user.lowercased().hasSuffix("<\(address)>")
    }
  }
}

extension KeyName {
  /// The name of the key with a fingerprint.
  init(_ fingerprint: Fingerprint) {
    text = fingerprint.text
    isHexadecimal = true
  }
}
