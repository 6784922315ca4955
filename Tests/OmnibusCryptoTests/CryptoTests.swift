import OmnibusCrypto
import Testing

@Suite struct CryptoTests {
  @Test("SHA-256 gives the digests of FIPS 180-4")
  func digests() {
    #expect(
      SHA256.digest(Array("abc".utf8)) == hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"))
    #expect(SHA256.digest([]) == hex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"))
  }

  @Test("HMAC-SHA256 gives the codes of RFC 4231")
  func codes() {
    #expect(
      HMACSHA256.code(Array("Hi There".utf8), key: [UInt8](repeating: 0x0B, count: 20))
        == hex("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"))
    #expect(
      HMACSHA256.code(Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8))
        == hex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"))
    #expect(
      HMACSHA256.code(
        Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8), key: [UInt8](repeating: 0xAA, count: 131))
        == hex("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"))
    #expect(
      HMACSHA256.code([], key: []) == hex("b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"))
  }

  // Test cases 13 to 16 of McGrew and Viega, "The Galois/Counter Mode of Operation", which NIST publishes.
  @Test(
    "AES-256-GCM seals and opens as its specification says",
    arguments: [
      GCMCase(
        key: "0000000000000000000000000000000000000000000000000000000000000000", nonce: "000000000000000000000000",
        associated: "", text: "", sealed: "530f8afbc74536b9a963b4f1c4cb738b"),
      GCMCase(
        key: "0000000000000000000000000000000000000000000000000000000000000000", nonce: "000000000000000000000000",
        associated: "", text: "00000000000000000000000000000000",
        sealed: "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"),
      GCMCase(
        key: "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", nonce: "cafebabefacedbaddecaf888",
        associated: "feedfacedeadbeeffeedfacedeadbeefabaddad2",
        text: "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
          + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
        sealed: "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
          + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b"),
    ])
  func seals(_ sample: GCMCase) throws {
    let cipher = try #require(AESGCM(key: hex(sample.key)))
    let (nonce, associated, sealed) = (hex(sample.nonce), hex(sample.associated), hex(sample.sealed))
    #expect(cipher.seal(hex(sample.text), nonce: nonce, associated: associated) == sealed)
    #expect(cipher.open(sealed, nonce: nonce, associated: associated) == hex(sample.text))
    for place in sealed.indices {
      var changed = sealed
      changed[place] ^= 1
      #expect(cipher.open(changed, nonce: nonce, associated: associated) == nil)
    }
    #expect(cipher.open(sealed, nonce: nonce, associated: associated + [0]) == nil)
    for count in 0..<AESGCM.tagSize {
      #expect(cipher.open(Array(sealed.prefix(count)), nonce: nonce, associated: associated) == nil)
    }
  }

  @Test("a cipher takes keys of 32 bytes and nonces of 12 only")
  func sizes() throws {
    for count in [0, 16, 31, 33] { #expect(AESGCM(key: [UInt8](repeating: 1, count: count)) == nil) }
    let cipher = try #require(AESGCM(key: [UInt8](repeating: 1, count: 32)))
    #expect(cipher.seal([1], nonce: [1, 2, 3], associated: []) == nil)
  }

  @Test("random bytes are as many as asked for, and other ones each time")
  func random() throws {
    #expect(RandomBytes.make(0) == [])
    let first = try #require(RandomBytes.make(32))
    #expect(first.count == 32)
    #expect(first != RandomBytes.make(32))
  }

  @Test("secrets are the same when all their bytes are")
  func equality() {
    #expect(ConstantTime.areEqual([], []))
    #expect(ConstantTime.areEqual([1, 2, 3], [1, 2, 3]))
    #expect(!ConstantTime.areEqual([1, 2, 3], [1, 2, 4]))
    #expect(!ConstantTime.areEqual([1, 2, 3], [1, 2]))
  }
}

/// A published example.
struct GCMCase: Sendable {
  let key, nonce, associated, text, sealed: String
}

private func hex(_ text: String) -> [UInt8] {
  stride(from: 0, to: text.utf8.count, by: 2).map { place in
    UInt8(text.dropFirst(place).prefix(2), radix: 16) ?? 0
  }
}
