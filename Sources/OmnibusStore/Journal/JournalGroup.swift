internal import Omnibus
internal import OmnibusCrypto

/// Messages that share a write and a sync of the journal, as bytes: a header of 32 bytes, and the messages behind it.
///
/// The header, the least significant byte first: `OMNJ`, the length of the messages (4), the number of the first one (8),
/// the salt of the file's pass (8), how many there are (4), and the CRC32C of all other bytes (4).
struct JournalGroup {
  static let headerSize = 32
  private static let magic: UInt32 = 0x4A4E_4D4F

  let first: UInt64
  let salt: UInt64
  let arrivals: [Arrival]
  /// How many bytes it takes.
  let size: Int

  /// The number of the last message.
  var last: UInt64 { first + UInt64(arrivals.count) - 1 }

  /// The bytes of messages the first of which has the number `first`.
  static func encode(
    _ arrivals: [Arrival], first: UInt64, salt: UInt64, _ seal: RecordSeal?
  ) throws(Failure) -> [UInt8] {
    var writer = RecordWriter(capacity: arrivals.reduce(headerSize) { $0 + $1.record.count + 128 })
    for _ in 0..<headerSize { writer.write(byte: 0) }
    for (index, arrival) in arrivals.enumerated() {
      writer.write(arrival.queue)
      writer.write(arrival.orderKey)
      writer.write(Int(arrival.due))
      writer.write(arrival.appended)
      let record = try seal?.seal(arrival.record, for: .journal(first + UInt64(index))) ?? arrival.record
      record.withUnsafeBufferPointer { writer.write($0) }
    }
    var bytes = writer.bytes
    bytes.withUnsafeMutableBytes { bytes in
      bytes.storeBytes(of: magic.littleEndian, toByteOffset: 0, as: UInt32.self)
      bytes.storeBytes(of: UInt32(bytes.count - headerSize).littleEndian, toByteOffset: 4, as: UInt32.self)
      bytes.storeBytes(of: first.littleEndian, toByteOffset: 8, as: UInt64.self)
      bytes.storeBytes(of: salt.littleEndian, toByteOffset: 16, as: UInt64.self)
      bytes.storeBytes(of: UInt32(arrivals.count).littleEndian, toByteOffset: 24, as: UInt32.self)
      bytes.storeBytes(of: check(UnsafeRawBufferPointer(bytes)), toByteOffset: 28, as: UInt32.self)
    }
    return bytes
  }

  /// The group at the beginning of `bytes`; nil where there is none that was written as a whole. A failure of kind
  /// `internal` where a message in it cannot be read.
  init?(_ bytes: UnsafeRawBufferPointer, _ seal: RecordSeal?) throws(Failure) {
    guard let header = JournalHeader(bytes), bytes.count - Self.headerSize >= header.length else { return nil }
    size = Self.headerSize + header.length
    let group = UnsafeRawBufferPointer(rebasing: bytes[..<size])
    guard header.check == Self.check(group) else { return nil }
    (first, salt) = (header.first, header.salt)
    var reader = RecordReader(UnsafeRawBufferPointer(rebasing: group[Self.headerSize...]))
    var arrivals: [Arrival] = []
    for number in 0..<UInt64(header.count) {
      arrivals.append(try Self.arrival(&reader, header.first + number, seal))
    }
    try reader.end()
    self.arrivals = arrivals
  }

  private static func arrival(
    _ reader: inout RecordReader, _ number: UInt64, _ seal: RecordSeal?
  ) throws(Failure) -> Arrival {
    let queue = try reader.text()
    let orderKey = try reader.optionalText()
    let due = Int64(try reader.number())
    let appended = try reader.double()
    let bytes = UnsafeRawBufferPointer(try reader.slice())
    var record: [UInt8]
    if bytes.first == RecordSeal.mark {
      guard let seal else { throw Failure(.internal, "the journal is sealed, and there is no key") }
      record = try seal.open(bytes, for: .journal(number))
    } else {
      record = Array(bytes)
    }
    return Arrival(queue: queue, orderKey: orderKey, due: due, appended: appended, record: record, message: nil)
  }

  /// The check of all but itself.
  private static func check(_ group: UnsafeRawBufferPointer) -> UInt32 {
    var check = CyclicCheck(.crc32c)
    check.update(UnsafeRawBufferPointer(rebasing: group[..<28]))
    check.update(UnsafeRawBufferPointer(rebasing: group[headerSize...]))
    return check.value.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
  }

  /// What a header says.
  private struct JournalHeader {
    let length: Int
    let first: UInt64
    let salt: UInt64
    let count: UInt32
    let check: UInt32

    init?(_ bytes: UnsafeRawBufferPointer) {
      guard bytes.count >= headerSize, UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self)) == magic else {
        return nil
      }
      length = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self)))
      first = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
      salt = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
      count = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 24, as: UInt32.self))
      check = bytes.loadUnaligned(fromByteOffset: 28, as: UInt32.self)
      // A message takes at least ten bytes.
      guard first > 0, first < 1 << 62, count > 0, Int(count) <= length else { return nil }
    }
  }
}
