import Testing

@testable import OpenPGPPlugin

@Suite("openpgp, packets")
struct PacketTests {
  /// Tags and contents of what is read in pieces of a size.
  private func read(_ bytes: [UInt8], of size: Int) throws -> [(tag: UInt8, content: [UInt8])] {
    var scanner = PacketScanner()
    var found: [(tag: UInt8, content: [UInt8])] = []
    for start in stride(from: 0, to: bytes.count, by: size) {
      try Array(bytes[start..<min(start + size, bytes.count)]).withUnsafeBytes { piece in
        var place = 0
        while let event = try scanner.next(in: piece, from: &place) {
          switch event {
          case .begin(let tag): found.append((tag, []))
          case .content(let range): found[found.count - 1].content += piece[range]
          case .end: break
          }
        }
      }
    }
    guard scanner.isAtEnd else { throw Damaged() }
    return found
  }

  @Test("what is written in parts is read, wherever it is cut", arguments: [1, 7, 1000, 1 << 20])
  func parts(_ size: Int) throws {
    for count in [0, 1, 191, 192, 8383, 8384, 65_535, 65_536, 65_537, 131_072, 200_000] {
      let content = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
      var writer = PartWriter(tag: 11)
      var written: [UInt8] = []
      for start in stride(from: 0, to: count, by: 5000) {
        Array(content[start..<min(start + 5000, count)]).withUnsafeBytes { writer.write($0) }
        written += writer.take() ?? []
      }
      written += writer.finish()
      let found = try read(written + [0xCA, 1, 0], of: size)
      #expect(found.map(\.tag) == [11, 10])
      #expect(found[0].content == content)
    }
  }

  @Test("text is what it was, whatever its size, and no other is taken for it")
  func protection() throws {
    for cipher in Cipher.allCases {
      let key = try SessionKey.random(cipher)
      for size in Array(0..<40) + (cipher == .aes256 ? Array(32_710..<32_775) + Array(262_085..<262_150) : []) {
        let text = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
        let writer = try ProtectedWriter(key)
        try text[...].reading { (bytes) throws(Damaged) in try writer.write(bytes) }
        let packet = (writer.take() ?? []) + (try writer.finish())
        var content = try read(packet, of: 100_000)[0].content
        #expect(try decrypt(content, key) == text, "\(cipher) \(size)")
        content[size % content.count] ^= 1
        #expect(throws: Damaged.self, "\(cipher) \(size)") { _ = try decrypt(content, key) }
      }
    }
  }

  private func decrypt(_ content: [UInt8], _ key: SessionKey) throws -> [UInt8] {
    let reader = try ProtectedReader(key)
    var text: [UInt8] = []
    try content[...].reading { (bytes) throws(Damaged) in try reader.read(bytes) { text += $0 } }
    return try text + reader.finish()
  }

  @Test("lengths of all forms are read")
  func lengths() throws {
    let long = [UInt8](repeating: 7, count: 300)
    for head in [[0x95, 1, 44], [0x96, 0, 0, 1, 44], [0xC5, 192, 108], [0xC5, 255, 0, 0, 1, 44], [0xA3]] as [[UInt8]] {
      let found = try read(head + long, of: 11)
      #expect(found.count == 1)
      #expect(found[0].content == long)
    }
    for wrong in [[0x00], [0x7F, 1], [0x80, 1, 0], [0xC0, 1, 0], [0x97, 1], [0xC1, 0xE9], [0xCB], [0xCB, 5, 1]]
      as [[UInt8]]
    {
      #expect(throws: Damaged.self, "\(wrong)") { _ = try read(wrong, of: 1) }
    }
  }

  @Test("the key that RSA padded is found, and one of chance where the padding is not good")
  func padding() throws {
    let chance = try SessionKey.random(.aes256)
    for cipher in Cipher.allCases {
      let session = try SessionKey.random(cipher)
      let packed = session.packed.reading { Array($0) }
      let padded = [0, 2] + [UInt8](repeating: 9, count: 256 - 3 - packed.count) + [0] + packed
      func read(_ bytes: [UInt8]) -> SessionKey? {
        bytes.withUnsafeBufferPointer { PaddedKey.read($0, otherwise: chance) }
      }
      #expect(read(padded).map { $0.key.reading { Array($0) } } == session.key.reading { Array($0) })
      for place in [0, 1, 2, 100, 256 - 1 - packed.count, 255, 254, 240] {
        var wrong = padded
        wrong[place] = place == 2 || place == 100 ? 0 : wrong[place] ^ 1
        #expect(read(wrong)?.key === chance.key, "\(cipher) \(place)")
      }
      var other = padded
      other[256 - packed.count] = 3
      #expect(read(other) == nil)
      #expect(read(Array(padded.suffix(packed.count)))?.key === chance.key)
    }
  }

  @Test("no packet of a key or head of a message is too strange to be read without harm")
  func garbage() {
    var random = SystemRandomNumberGenerator()
    let curve: [UInt8] =
      [0xCE, 0x38, 4, 0, 0, 0, 0, 18] + KeyPacket.curve + [1, 7, 0x40] + [UInt8](repeating: 9, count: 32) + [
        3, 1, 8, 7,
      ]
    let rsa: [UInt8] = [0xCE, 14, 4, 0, 0, 0, 0, 1, 0, 16, 0xC0, 1, 0, 9, 1, 1]
    for seed in [curve, rsa] {
      #expect(seed.withUnsafeBytes { KeyPacket($0) } != nil)
      for count in 0..<seed.count { #expect(Array(seed[..<count]).withUnsafeBytes { KeyPacket($0) } == nil) }
      for _ in 0..<2000 {
        var bytes = seed
        for _ in 0..<3 { bytes[Int.random(in: 0..<bytes.count)] = UInt8.random(in: 0...255, using: &random) }
        bytes.withUnsafeBytes { _ = TransportKey($0, fingerprint: [UInt8](repeating: 1, count: 20)) }
        _ = MessageHead(bytes[...])
      }
    }
  }
}
