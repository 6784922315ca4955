import Testing

@testable import RabbitMQPlugin

@Suite("AMQP frames that are sent")
struct PublishFramesTests {
  private func publication(_ key: String, body: [UInt8]) throws -> Publication {
    try Publication(key: key, MessageProperties(), body: body, name: "", deadline: 0)
  }

  @Test("a message is its method, its header and its body (AMQP 0-9-1, 2.3.5)")
  func message() throws {
    var frames = PublishFrames(channel: 258)
    frames.append(try publication("key", body: [7, 8]), exchange: Array("ex".utf8), isMandatory: true)
    let method: [UInt8] =
      [1, 1, 2, 0, 0, 0, 14, 0, 60, 0, 40, 0, 0, 2] + Array("ex".utf8) + [3] + Array("key".utf8) + [1, 0xCE]
    // Not persistent: the flag of the delivery mode, and 1.
    let header: [UInt8] = [2, 1, 2, 0, 0, 0, 15, 0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0x10, 0, 1, 0xCE]
    #expect(frames.bytes == method + header + [3, 1, 2, 0, 0, 0, 2, 7, 8, 0xCE])
    #expect(frames.begins == [0])
  }

  @Test("a method or a header as large as a frame fits, and none that is larger")
  func fits() throws {
    let publication = try publication("key", body: [])
    // The properties are the flags, and one octet for the delivery mode.
    for (exchange, size) in [(0, 20 + 3), (100, 17 + 100 + 3)] {
      var frames = PublishFrames(channel: 1)
      frames.frameMax = size
      #expect(frames.fits(publication, exchange: Array(repeating: 1, count: exchange)))
      frames.frameMax = size - 1
      #expect(!frames.fits(publication, exchange: Array(repeating: 1, count: exchange)))
    }
  }

  @Test("a body is cut to frames that the broker takes, none where it is empty")
  func pieces() throws {
    var frames = PublishFrames(channel: 1)
    frames.append(try publication("", body: []), exchange: [], isMandatory: false)
    let empty = frames.bytes.count
    frames.append(try publication("", body: Array(repeating: 1, count: 2 * 4088 + 1)), exchange: [], isMandatory: false)
    #expect(frames.begins == [0, empty])
    #expect(frames.bytes.count == 2 * empty + 3 * 8 + 2 * 4088 + 1)
    let last = frames.bytes.suffix(9)
    #expect(Array(last) == [3, 0, 1, 0, 0, 0, 1, 1, 0xCE])
  }
}
