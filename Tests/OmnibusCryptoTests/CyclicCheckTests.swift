import CReactor
import OmnibusCrypto
import Testing

@Suite("Cyclic redundancy checks") struct CyclicCheckTests {
  @Test(
    "published check values hold",
    arguments: [
      (CyclicCheck.Algorithm.crc32, "cbf43926"), (.crc32c, "e3069283"), (.crc64nvme, "ae8b14860a799888"),
    ])
  func checkValues(algorithm: CyclicCheck.Algorithm, expected: String) {
    #expect(hex(check(Array("123456789".utf8), algorithm)) == expected)
  }

  @Test("the vectors of RFC 3720, B.4, hold")
  func iscsi() {
    #expect(hex(check([UInt8](repeating: 0, count: 32), .crc32c)) == "8a9136aa")
    #expect(hex(check([UInt8](repeating: 0xFF, count: 32), .crc32c)) == "62a8ab43")
    #expect(hex(check(Array(0..<32), .crc32c)) == "46dd794e")
  }

  @Test(
    "pieces of any size come to the same as the whole, and the instruction to the same as the table",
    arguments: [CyclicCheck.Algorithm.crc32, .crc32c, .crc64nvme])
  func pieces(algorithm: CyclicCheck.Algorithm) {
    let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 131 &+ $0 >> 3) }
    let whole = check(bytes, algorithm)
    for size in [1, 3, 7, 8, 9, 64, 999] {
      var pieces = CyclicCheck(algorithm)
      for start in stride(from: 0, to: bytes.count, by: size) {
        bytes[start..<min(start + size, bytes.count)].withUnsafeBytes { pieces.update($0) }
      }
      #expect(pieces.value == whole)
    }
    #expect(omnibus_crc32c(0, bytes, bytes.count) == omnibus_crc32c_by_table(0, bytes, bytes.count))
  }

  @Test(
    "bytes of any number that are folded by the processor come to the same as few at a time, by the table",
    arguments: [CyclicCheck.Algorithm.crc32, .crc64nvme])
  func folded(algorithm: CyclicCheck.Algorithm) {
    let bytes = (0..<400).map { UInt8(truncatingIfNeeded: $0 &* $0 &* 131 &+ $0 >> 3) }
    var wrong: [Int] = []
    for start in [0, 13] {
      var few = CyclicCheck(algorithm)
      for count in 1...bytes.count - start {
        withUnsafeBytes(of: bytes[start + count - 1]) { few.update($0) }
        if count >= 120, few.value != check(Array(bytes[start..<start + count]), algorithm) { wrong.append(count) }
      }
    }
    #expect(wrong.isEmpty)
  }

  @Test(
    "checks of parts that were worked on by themselves come to that of the whole",
    arguments: [CyclicCheck.Algorithm.crc32, .crc32c, .crc64nvme])
  func parts(algorithm: CyclicCheck.Algorithm) {
    let bytes = (0..<70_000).map { UInt8(truncatingIfNeeded: $0 &* 131 &+ $0 >> 3) }
    for sizes in [[70_000], [1, 69_999], [0, 4096, 0, 65_536, 368], [12_345, 57_655, 0]] {
      var (whole, start) = (CyclicCheck(algorithm), 0)
      for size in sizes {
        var part = CyclicCheck(algorithm)
        bytes[start..<start + size].withUnsafeBytes { part.update($0) }
        whole.append(part, count: size)
        start += size
      }
      #expect(whole.value == check(bytes, algorithm))
    }
  }

  @Test("digests of pieces are those of the whole")
  func digests() {
    let cases: [(RunningDigest.Algorithm, String)] = [
      (.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (.sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"), (.md5, "900150983cd24fb0d6963f7d28e17f72"),
    ]
    for (algorithm, expected) in cases {
      let digest = RunningDigest(algorithm)
      for byte in "abc".utf8 { withUnsafeBytes(of: byte) { digest.update($0) } }
      #expect(hex(digest.finish()) == expected)
    }
  }

  private func check(_ bytes: [UInt8], _ algorithm: CyclicCheck.Algorithm) -> [UInt8] {
    var check = CyclicCheck(algorithm)
    bytes.withUnsafeBytes { check.update($0) }
    return check.value
  }

  private func hex(_ bytes: [UInt8]) -> String {
    bytes.map { String(UInt16($0) + 0x100, radix: 16).dropFirst() }.joined()
  }
}
