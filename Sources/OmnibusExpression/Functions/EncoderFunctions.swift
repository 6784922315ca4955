import Omnibus

/// `base64.encode` and `base64.decode` (RFC 4648, 4).
enum EncoderFunctions {
  static let all: [Function] = [
    .global(
      "base64.encode", [[.bytes] => .string],
      .unary { value, frame throws(Fault) in
        let bytes = try value.asBytes()
        try frame.charge(bytes: bytes.count)
        return .string(Base64.encode(bytes))
      }),
    .global(
      "base64.decode", [[.string] => .bytes],
      .unary { value, frame throws(Fault) in
        let text = try value.asString()
        try frame.charge(bytes: text.utf8.count)
        guard let bytes = Base64.decode(text) else { throw Fault("the string is no base64") }
        return .bytes(bytes)
      }),
  ]
}
