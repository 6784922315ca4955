internal import Omnibus

/// The fingerprint of a primary key, which nobody can make another key for (RFC 4880, 12.2).
struct Fingerprint: OptionValue, Hashable, CustomStringConvertible {
  /// 40 hexadecimal digits in capitals.
  let text: String

  var description: String { text }

  static var shape: OptionShape {
    .scalar("fingerprint", example: "\"D7A3 0F22 81C6 4B9E 5D10  7EC4 19AA 63B8 02F5 C49D\"")
  }

  static func decode(_ node: Node, in scope: LoadScope) -> Fingerprint? {
    guard let written = String.decode(node, in: scope) else { return nil }
    let digits = written.filter { $0 != " " }.uppercased()
    if digits.count == 40, digits.allSatisfy(\.isHexDigit) { return Fingerprint(text: digits) }
    scope.report(
      "invalid-option", at: node.location, "\(scope.subject) takes a fingerprint of 40 hexadecimal digits",
      help: "gpg --fingerprint shows it; ask the owner for it on another way than the one by which the key comes")
    return nil
  }
}
