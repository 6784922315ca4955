internal import Omnibus
internal import OmnibusReactor

/// Files that hold a token, which somebody else writes anew now and then.
enum TokenFile {
  /// The token, without line ends; the path is told where there is none, never what the file holds.
  static func read(_ path: String, on blocking: BlockingExecutor) async throws(Failure) -> String {
    let bytes: [UInt8]?
    do { bytes = try await blocking.run { AWSFile.read(path, limit: 64 << 10) } } catch { bytes = nil }
    guard var bytes else { throw Failure(.unavailable, "the token file \(path) cannot be read") }
    while let last = bytes.last, last == 0x0A || last == 0x0D || last == 0x20 { bytes.removeLast() }
    guard !bytes.isEmpty, bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else {
      throw Failure(.unauthorized, "the token file \(path) holds no token")
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
