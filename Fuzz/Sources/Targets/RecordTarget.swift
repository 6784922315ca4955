import Omnibus
import OmnibusStore

extension FuzzTarget {
  /// A record of the store, as a disk could have changed it. What is read must come back when it is written and read again.
  static let record = FuzzTarget(name: "record") { bytes in
    guard let message = try? decode(bytes) else { return }
    let written = try MessageRecord.encode(message)
    let again = try decode(written)
    try hold(try MessageRecord.encode(again) == written, "what is written reads differently")
    try hold(try again.bodyBytes() == message.bodyBytes(), "the body is another")
  }

  private static func decode(_ bytes: [UInt8]) throws -> Message {
    try bytes.withUnsafeBytes { try MessageRecord.decode($0) }
  }
}
