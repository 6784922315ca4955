/// What a field `traceparent` says (W3C Trace Context, 3.2).
struct TraceParent {
  var traceID: TraceID
  var spanID: SpanID
  var isSampled: Bool

  /// Reads the bytes of a value; nil where they are not as 3.2.2 has them. Of a later version that part is read which this
  /// version knows (4.3 and "Versioning of traceparent").
  static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> TraceParent? {
    let dash = UInt8(ascii: "-")
    guard bytes.count >= 55, bytes[2] == dash, bytes[35] == dash, bytes[52] == dash,
      let version = number(bytes[0..<2]), version != 0xFF,
      bytes.count == 55 || version != 0 && bytes[55] == dash,
      let high = number(bytes[3..<19]), let low = number(bytes[19..<35]), high | low != 0,
      let span = number(bytes[36..<52]), span != 0, let flags = number(bytes[53..<55])
    else { return nil }
    return TraceParent(traceID: TraceID(high: high, low: low), spanID: SpanID(span), isSampled: flags & 1 == 1)
  }

  /// The number that hexadecimal digits in lower case write; nil where there are others.
  private static func number(_ digits: Slice<UnsafeBufferPointer<UInt8>>) -> UInt64? {
    var number: UInt64 = 0
    for byte in digits {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): number = number << 4 | UInt64(byte - UInt8(ascii: "0"))
      case UInt8(ascii: "a")...UInt8(ascii: "f"): number = number << 4 | UInt64(byte - UInt8(ascii: "a") + 10)
      default: return nil
      }
    }
    return number
  }
}
