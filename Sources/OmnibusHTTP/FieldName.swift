/// Names of header fields (RFC 9110, 5.1).
public enum FieldName {
  /// Whether the name can be one: a token, with at least one character.
  public static func isToken(_ name: some Collection<UInt8>) -> Bool {
    !name.isEmpty && name.allSatisfy(ByteClass.token.contains)
  }

  /// Whether the field frames the message or the connection, and so is for client and server alone to set.
  public static func isFraming(_ name: some Collection<UInt8>) -> Bool {
    let framing: StaticString
    switch name.count {
    case 6: framing = "expect"
    case 7: framing = "upgrade"
    case 10: framing = "connection"
    case 14: framing = "content-length"
    case 17: framing = "transfer-encoding"
    default: return false
    }
    return framing.withUTF8Buffer { framing in zip(name, framing).allSatisfy { $0 | 0x20 == $1 | 0x20 } }
  }
}
