public import Omnibus

/// A message as bytes: its id, its headers with which of them came in from outside, and its body; no properties.
public enum MessageRecord {
  /// The first byte of each record. Another layout takes another one.
  private static let version: UInt8 = 1

  /// The message as stores keep it: a document is written by its format; a stream is a failure of kind `invalid`.
  public static func kept(_ message: Message) throws(Failure) -> Message {
    var kept = Message(id: message.id, headers: message.headers)
    switch message.body {
    case .empty: break
    case .bytes(let bytes): kept.body = .bytes(bytes)
    case .document(let document): kept.body = .bytes(try document.serialize())
    case .stream: throw Failure(.invalid, "a stream cannot be kept in a store, its bytes can")
    }
    return kept
  }

  /// Writes a message; fails with kind `invalid` for a stream.
  public static func encode(_ message: Message) throws(Failure) -> [UInt8] {
    switch message.body {
    case .empty: return head(message, hasBody: false, room: 0)
    case .stream: throw Failure(.invalid, "a stream cannot be kept in a store, its bytes can")
    case .bytes, .document:
      let body = try message.bodyBytes()
      var record = head(message, hasBody: true, room: body.count)
      record.append(contentsOf: body)
      return record
    }
  }

  /// Reads a message; a failure of kind `internal` where the bytes are none that `encode` wrote.
  public static func decode(_ record: UnsafeRawBufferPointer) throws(Failure) -> Message {
    var reader = RecordReader(record)
    var (message, hasBody) = try head(&reader)
    if hasBody { message.body = .bytes(reader.rest()) } else { try reader.end() }
    return message
  }

  /// Writes all but the body, and whether there is one.
  static func encodeHead(_ message: Message) -> [UInt8] {
    if case .empty = message.body {
      head(message, hasBody: false, room: 0)
    } else {
      head(message, hasBody: true, room: 0)
    }
  }

  /// Reads what `encodeHead` wrote.
  static func decodeHead(_ record: UnsafeRawBufferPointer) throws(Failure) -> (message: Message, hasBody: Bool) {
    var reader = RecordReader(record)
    let head = try head(&reader)
    try reader.end()
    return head
  }

  private static func head(_ message: Message, hasBody: Bool, room: Int) -> [UInt8] {
    var size = 64
    message.headers.forEachField { name, value in size += name.count + value.count + 6 }
    var writer = RecordWriter(capacity: size + room)
    writer.write(byte: version)
    writer.write(byte: hasBody ? 1 : 0)
    writer.write(message.id.description)
    writer.write(message.headers.count)
    message.headers.forEachField { name, value, isInbound in
      writer.write(byte: isInbound ? 1 : 0)
      writer.write(name)
      writer.write(value)
    }
    return writer.bytes
  }

  private static func head(_ reader: inout RecordReader) throws(Failure) -> (message: Message, hasBody: Bool) {
    guard try reader.byte() == version else { throw RecordReader.damaged }
    let hasBody = try reader.byte() == 1
    guard let id = MessageID(try reader.text()) else { throw RecordReader.damaged }
    var headers = Headers()
    let count = try reader.count()
    headers.reserveCapacity(fields: count, bytes: 0)
    var isInbound = true
    for _ in 0..<count {
      if try reader.byte() == 0, isInbound {
        headers.markInbound()
        isInbound = false
      }
      headers.append(name: try reader.slice(), value: try reader.slice())
    }
    if isInbound { headers.markInbound() }
    return (Message(id: id, headers: headers), hasBody)
  }
}
