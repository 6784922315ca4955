internal import Omnibus
internal import OmnibusCrypto

/// Seals records with AES-256-GCM. What is sealed belongs to one place, so records cannot be swapped.
struct RecordSeal {
  /// Where a record is.
  enum Place {
    case message(Int64)
    case letterHead(String)
    case letterBody(String)
    case letterAttempts(String)
    case check

    fileprivate var bytes: [UInt8] {
      switch self {
      case .message(let id): [1] + withUnsafeBytes(of: id.bigEndian) { Array($0) }
      case .letterHead(let id): [2] + Array(id.utf8)
      case .letterBody(let id): [3] + Array(id.utf8)
      case .check: [4]
      case .letterAttempts(let id): [5] + Array(id.utf8)
      }
    }
  }

  /// The first byte of sealed records, which no other record begins with.
  static let mark: UInt8 = 0x81
  private static let overhead = 1 + 8 + AESGCM.nonceSize + AESGCM.tagSize
  private let cipher: AESGCM
  /// The first bytes of the key's digest, so that records of another key are told from damaged ones.
  private let keyID: [UInt8]
  private let orderSecret: [UInt8]

  /// A seal by a key of 32 bytes; nil for one of another length.
  init?(key: [UInt8]) {
    guard let cipher = AESGCM(key: key) else { return nil }
    self.cipher = cipher
    keyID = Array(SHA256.digest(Array("omnibus key id".utf8) + key).prefix(8))
    orderSecret = SHA256.digest(Array("omnibus order key".utf8) + key)
  }

  /// What an order key is known by in the store: the same for the same key, and nothing that it can be told from.
  static func mark(ofOrderKey key: String, _ seal: RecordSeal?) -> String {
    let bytes = Array(key.utf8)
    return Base64.encode(seal.map { HMACSHA256.code(bytes, key: $0.orderSecret) } ?? SHA256.digest(bytes))
  }

  /// A record sealed: mark, key id, nonce, sealed bytes, tag.
  func seal(_ record: [UInt8], for place: Place) throws(Failure) -> [UInt8] {
    var sealed: [UInt8] = []
    sealed.reserveCapacity(record.count + Self.overhead)
    sealed.append(Self.mark)
    sealed += keyID
    guard let nonce = RandomBytes.make(AESGCM.nonceSize),
      let text = cipher.seal(record, nonce: nonce, associated: place.bytes)
    else { throw Failure(.internal, "a record could not be sealed") }
    sealed += nonce
    sealed += text
    return sealed
  }

  /// What was sealed; a failure of kind `internal` where it was damaged, moved or sealed with another key.
  func open(_ sealed: UnsafeRawBufferPointer, for place: Place) throws(Failure) -> [UInt8] {
    guard sealed.count >= Self.overhead, sealed[0] == Self.mark else { throw RecordReader.damaged }
    guard sealed[1..<9].elementsEqual(keyID) else {
      throw Failure(.internal, "a record in the store is sealed with another key")
    }
    let nonce = Array(sealed[9..<9 + AESGCM.nonceSize])
    let text = UnsafeRawBufferPointer(rebasing: sealed[(9 + AESGCM.nonceSize)...])
    guard let record = cipher.open(text, nonce: nonce, associated: place.bytes) else { throw RecordReader.damaged }
    return record
  }
}

extension SQLiteStatement {
  /// A column with a record, sealed or not.
  func record<Result>(
    _ column: Int32, _ seal: RecordSeal?, for place: RecordSeal.Place,
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try withBytes(column) { bytes throws(Failure) in
      guard bytes.first == RecordSeal.mark else { return try body(bytes) }
      guard let seal else { throw Failure(.internal, "a record in the store is sealed, and there is no key") }
      // What rethrows of the standard library knows no types of errors.
      let result = try seal.open(bytes, for: place).withUnsafeBytes { record in
        Swift.Result { () throws(Failure) in try body(record) }
      }
      return try result.get()
    }
  }

  /// A column with a message.
  func message(_ column: Int32, _ seal: RecordSeal?, for place: RecordSeal.Place) throws(Failure) -> Message {
    try record(column, seal, for: place) { record throws(Failure) in try MessageRecord.decode(record) }
  }
}
