internal import Omnibus

/// The properties of a message (AMQP 0-9-1, class basic), and how they are written.
struct MessageProperties: Sendable {
  var contentType: String?
  var contentEncoding: String?
  var headers: [(String, Value)] = []
  var isPersistent = false
  var priority: UInt8?
  var correlationID: String?
  var replyTo: String?
  /// Milliseconds, as the protocol wants it: as a text.
  var expiration: String?
  var messageID: String?
  /// Seconds since 1970.
  var timestamp: UInt64?
  var type: String?
  var userID: String?
  var appID: String?

  /// The names that headers have which are no headers of the protocol.
  static let names = [
    "content-type", "content-encoding", "priority", "correlation-id", "reply-to", "expiration", "message-id",
    "timestamp", "type", "user-id", "app-id", "redelivered",
  ]

  /// Appends the property list: flags, and then what they say is there (4.2.6.1). Fails as `invalid` where something
  /// does not fit.
  func write(to bytes: inout [UInt8]) throws(Failure) {
    let start = bytes.count
    bytes.append(contentsOf: [0, 0])
    var flags: UInt16 = 0
    try text(contentType, "content type", 15, &flags, &bytes)
    try text(contentEncoding, "content encoding", 14, &flags, &bytes)
    if !headers.isEmpty {
      flags |= 1 << 13
      var writer = FieldWriter()
      try writer.table(headers, to: &bytes)
    }
    flags |= 1 << 12
    bytes.append(isPersistent ? 2 : 1)
    if let priority {
      flags |= 1 << 11
      bytes.append(priority)
    }
    try text(correlationID, "correlation id", 10, &flags, &bytes)
    try text(replyTo, "address for the reply", 9, &flags, &bytes)
    try text(expiration, "expiration", 8, &flags, &bytes)
    try text(messageID, "message id", 7, &flags, &bytes)
    if let timestamp {
      flags |= 1 << 6
      bytes.append(bigEndian: timestamp)
    }
    try text(type, "type", 5, &flags, &bytes)
    try text(userID, "user id", 4, &flags, &bytes)
    try text(appID, "app id", 3, &flags, &bytes)
    bytes[start] = UInt8(flags >> 8)
    bytes[start + 1] = UInt8(flags & 0xFF)
  }

  private func text(
    _ value: String?, _ what: String, _ flag: UInt16, _ flags: inout UInt16, _ bytes: inout [UInt8]
  ) throws(Failure) {
    guard var value else { return }
    flags |= 1 << flag
    let isShort = value.withUTF8 { text in
      guard text.count <= 255 else { return false }
      bytes.append(UInt8(text.count))
      bytes.append(contentsOf: text)
      return true
    }
    guard isShort else { throw Failure(.invalid, "the \(what) has more than 255 bytes") }
  }
}

extension [UInt8] {
  /// Appends a number as the network has it.
  mutating func append(bigEndian number: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: number.bigEndian) { append(contentsOf: $0) }
  }
}
