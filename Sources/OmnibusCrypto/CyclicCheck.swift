internal import CReactor

/// A cyclic redundancy check over bytes that come piece by piece. It tells accidents, not forgeries.
public struct CyclicCheck: Sendable {
  /// Which polynomial is used, in the reflected form, with all ones before and after.
  public enum Algorithm: Sendable {
    /// That of zip and Ethernet (ISO 3309).
    case crc32
    /// Castagnoli's (RFC 3720, 12.1), for which processors have an instruction.
    case crc32c
    /// That of NVM Express (NVM Command Set, "64b CRC").
    case crc64nvme
  }

  private let algorithm: Algorithm
  private var state: UInt64 = 0

  /// A check that nothing has been added to.
  public init(_ algorithm: Algorithm) { self.algorithm = algorithm }

  /// Adds the next bytes.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    switch algorithm {
    case .crc32: state = UInt64(omnibus_crc32(UInt32(state), bytes.baseAddress, bytes.count))
    case .crc32c: state = UInt64(omnibus_crc32c(UInt32(state), bytes.baseAddress, bytes.count))
    case .crc64nvme: state = omnibus_crc64nvme(state, bytes.baseAddress, bytes.count)
    }
  }

  /// Adds `count` bytes of which `other` is the check, as if they came next: parts can be worked on in any order.
  public mutating func append(_ other: CyclicCheck, count: Int) {
    precondition(other.algorithm == algorithm, "checks of one algorithm can be put together")
    // The bytes before are multiplied by x⁸ for each that follows.
    var (factor, power, left) = (one, one >> 8, count)
    while left > 0 {
      if left & 1 == 1 { factor = multiplied(factor, power) }
      power = multiplied(power, power)
      left >>= 1
    }
    state = multiplied(state, factor) ^ other.state
  }

  /// The polynomial 1: in the reflected form the highest bit is x⁰.
  private var one: UInt64 { algorithm == .crc64nvme ? 1 << 63 : 1 << 31 }

  private var polynomial: UInt64 {
    switch algorithm {
    case .crc32: 0xEDB8_8320
    case .crc32c: 0x82F6_3B78
    case .crc64nvme: 0x9A6C_9329_AC4B_C9B5
    }
  }

  /// The product of two polynomials, modulo that of the algorithm.
  private func multiplied(_ left: UInt64, _ right: UInt64) -> UInt64 {
    var (product, right, bit) = (UInt64(0), right, one)
    while bit != 0 {
      if left & bit != 0 { product ^= right }
      right = right & 1 == 1 ? right >> 1 ^ polynomial : right >> 1
      bit >>= 1
    }
    return product
  }

  /// The value, the most significant byte first: 4 bytes, or 8 of 64 bits.
  public var value: [UInt8] {
    let count = algorithm == .crc64nvme ? 8 : 4
    return (0..<count).map { UInt8(truncatingIfNeeded: state >> UInt64(8 * (count - 1 - $0))) }
  }
}
