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

  /// The value, the most significant byte first: 4 bytes, or 8 of 64 bits.
  public var value: [UInt8] {
    let count = algorithm == .crc64nvme ? 8 : 4
    return (0..<count).map { UInt8(truncatingIfNeeded: state >> UInt64(8 * (count - 1 - $0))) }
  }
}
