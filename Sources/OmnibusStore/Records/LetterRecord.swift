internal import Omnibus

/// A dead letter as it is written: its history, the message without its body, and the body.
struct LetterRecord: Sendable {
  /// Of a longer history the first times and the last ones are kept.
  static let longestHistory = 100

  private(set) var letter: DeadLetter
  let head: [UInt8]
  let body: [UInt8]

  /// A letter's record; a failure of kind `invalid` where its body is a stream.
  init(_ letter: DeadLetter) throws(Failure) {
    let message = try MessageRecord.kept(letter.message)
    self.letter = letter
    self.letter.message = message
    self.letter.message.properties = letter.message.properties
    var writer = RecordWriter()
    writer.write(letter.entry)
    Self.write(letter.message.properties, to: &writer)
    MessageRecord.encodeHead(message).withUnsafeBufferPointer { writer.write($0) }
    head = writer.bytes
    body = try message.bodyBytes()
  }

  /// About how much memory it takes.
  var size: Int { head.count + body.count }

  /// The kind of the last failure.
  var kind: String { letter.attempts.last?.kind.rawValue ?? "" }
  /// When it failed last.
  var last: Double { letter.attempts.last?.time ?? letter.received }

  /// Keeps the letter beside others that had its id before.
  mutating func rename(_ id: String) { letter.id = id }

  /// Adds what came before.
  mutating func follow(_ earlier: DeadLetter) {
    letter.received = min(letter.received, earlier.received)
    letter.attempts = earlier.attempts + letter.attempts
    let surplus = letter.attempts.count - Self.longestHistory
    if surplus > 0 {
      let middle = Self.longestHistory / 2
      letter.attempts.removeSubrange(middle..<middle + surplus)
    }
  }

  /// Reads a head: the message without its body, whether it has one, and the step that it goes on from.
  static func decodeHead(
    _ bytes: UnsafeRawBufferPointer
  ) throws(Failure) -> (message: Message, hasBody: Bool, entry: String?) {
    var reader = RecordReader(bytes)
    let entry = try reader.optionalText()
    let properties = try readProperties(&reader)
    var (message, hasBody) = try MessageRecord.decodeHead(UnsafeRawBufferPointer(reader.slice()))
    try reader.end()
    message.properties = properties
    return (message, hasBody, entry)
  }

  /// Writes the properties that JSON can say; others mean nothing outside of the route that set them.
  private static func write(_ properties: Properties, to writer: inout RecordWriter) {
    let texts = properties.entries.compactMap { name, value in
      (try? JSONDocument(value).serialize()).map { (name, $0) }
    }
    writer.write(texts.count)
    for (name, text) in texts {
      writer.write(name)
      writer.write(String(decoding: text, as: UTF8.self))
    }
  }

  private static func readProperties(_ reader: inout RecordReader) throws(Failure) -> Properties {
    var properties = Properties()
    for _ in 0..<(try reader.count()) {
      let name = try reader.text()
      guard let value = try? JSONDocument(parsing: Array(try reader.text().utf8)) else { throw RecordReader.damaged }
      properties[name] = value.root
    }
    return properties
  }

  /// The history as bytes.
  static func encode(_ attempts: [DeadLetter.Attempt]) -> [UInt8] {
    var writer = RecordWriter()
    writer.write(byte: 1)
    writer.write(attempts.count)
    for attempt in attempts {
      writer.write(attempt.time)
      writer.write(attempt.revision)
      writer.write(attempt.step)
      writer.write(attempt.component)
      writer.write(attempt.kind.rawValue)
      writer.write(attempt.reason)
      writer.write(attempt.tries)
    }
    return writer.bytes
  }

  /// Reads a history.
  static func decode(_ bytes: UnsafeRawBufferPointer) throws(Failure) -> [DeadLetter.Attempt] {
    var reader = RecordReader(bytes)
    guard try reader.byte() == 1 else { throw RecordReader.damaged }
    var attempts: [DeadLetter.Attempt] = []
    for _ in 0..<(try reader.count()) {
      let time = try reader.double()
      let revision = try reader.text()
      let step = try reader.optionalText()
      let component = try reader.optionalText()
      guard let kind = Failure.Kind(rawValue: try reader.text()) else { throw RecordReader.damaged }
      attempts.append(
        DeadLetter.Attempt(
          time: time, revision: revision, step: step, component: component, kind: kind, reason: try reader.text(),
          tries: try reader.number()))
    }
    try reader.end()
    return attempts
  }
}
