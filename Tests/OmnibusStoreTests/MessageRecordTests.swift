import Omnibus
import OmnibusTesting
import Testing

@testable import OmnibusStore

@Suite struct MessageRecordTests {
  private func decoded(_ bytes: [UInt8]) throws -> Message {
    try bytes.withUnsafeBytes { try MessageRecord.decode($0) }
  }

  @Test("a message comes back as it was, and which of its headers came in from outside")
  func roundTrip() throws {
    var message = Message(id: MessageID().part(3), headers: Headers([("A", "1"), ("b", ""), ("A", "ü")]))
    message.headers.markInbound()
    message.headers.append("set", "here")
    message.body = .bytes([0, 1, 255])
    message.properties["gone"] = .int(1)
    let came = try decoded(MessageRecord.encode(message))
    #expect(came.id == message.id)
    #expect(try came.bodyBytes() == [0, 1, 255])
    #expect(came.properties.entries.isEmpty)
    #expect(fields(came) == fields(message))
    #expect(fields(came) == ["A: 1 true", "b:  true", "A: ü true", "set: here false"])
  }

  @Test("no body is not a body of no bytes")
  func bodies() throws {
    if case .empty = try decoded(MessageRecord.encode(Message())).body {} else { Issue.record("a body came") }
    let none = try decoded(MessageRecord.encode(Message(body: .bytes([]))))
    if case .bytes([]) = none.body {} else { Issue.record("no body came") }
    #expect(throws: Failure.self) { try MessageRecord.encode(Message(body: .stream(BodyStream { nil }))) }
  }

  @Test("bytes that are no record are refused, wherever they are cut or changed")
  func hostile() throws {
    var message = message(7)
    for number in 0..<20 { message.headers.append("name-\(number)", String(repeating: "v", count: number * 10)) }
    let record = try MessageRecord.encode(message)
    for count in 0..<record.count - 9 { #expect(throws: Failure.self) { try decoded(Array(record.prefix(count))) } }
    var random = SystemRandomNumberGenerator()
    for _ in 0..<20_000 {
      var changed = record
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        changed[Int.random(in: 0..<record.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      _ = try? decoded(changed)
      _ = try? changed.withUnsafeBytes { try LetterRecord.decode($0) }
      _ = try? changed.withUnsafeBytes { try GenerationRecord.files($0) }
    }
    for _ in 0..<20_000 {
      let bytes =
        [1] + (0..<Int.random(in: 0...40, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      _ = try? decoded(bytes)
      _ = try? bytes.withUnsafeBytes { try LetterRecord.decode($0) }
      _ = try? bytes.withUnsafeBytes { try GenerationRecord.routes($0) }
    }
  }

  private func fields(_ message: Message) -> [String] {
    var fields: [String] = []
    message.headers.forEachField { name, value, isInbound in
      fields.append("\(String(decoding: name, as: UTF8.self)): \(String(decoding: value, as: UTF8.self)) \(isInbound)")
    }
    return fields
  }
}
