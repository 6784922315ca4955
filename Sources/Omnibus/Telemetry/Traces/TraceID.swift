internal import Synchronization

/// Names a trace: 16 bytes, not all zero (W3C Trace Context, 3.2.2.3).
public struct TraceID: Sendable, Hashable, CustomStringConvertible {
  let high: UInt64
  let low: UInt64

  init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// A new one.
  init() { self.init(high: SpanID.random(), low: SpanID.random()) }

  /// 32 hexadecimal digits in lower case.
  public var description: String { SpanID.text([high, low]) }
}

/// Names a span within its trace: 8 bytes, not all zero (W3C Trace Context, 3.2.2.4).
public struct SpanID: Sendable, Hashable, CustomStringConvertible {
  private static let counter = Atomic<UInt64>(UInt64.random(in: 0...UInt64.max))

  let value: UInt64

  init(_ value: UInt64) { self.value = value }

  /// A new one.
  init() { self.init(Self.random()) }

  /// 16 hexadecimal digits in lower case.
  public var description: String { Self.text([value]) }

  /// A number other than 0 that looks random and does not come twice in a process: a counter from a random start, mixed
  /// as SplitMix64 does. To ask the system for each would take more than to send the message on.
  static func random() -> UInt64 {
    var mixed = counter.wrappingAdd(0x9E37_79B9_7F4A_7C15, ordering: .relaxed).oldValue
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    mixed ^= mixed >> 31
    return mixed == 0 ? 1 : mixed
  }

  static func text(_ words: [UInt64]) -> String {
    String(unsafeUninitializedCapacity: words.count * 16) { buffer in
      for (place, word) in words.enumerated() {
        for digit in 0..<16 {
          buffer[place * 16 + digit] = hexDigit(UInt8(truncatingIfNeeded: word >> UInt64(60 - 4 * digit)) & 15)
        }
      }
      return words.count * 16
    }
  }
}
