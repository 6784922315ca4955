import Foundation
import Glibc

/// One accepted connection of an `ObjectStore`: HTTP/1.1, as much of it as clients of S3 need.
final class StoreConnection {
  /// A body, of which bytes beyond a limit are counted and not kept.
  struct Content {
    var bytes: [UInt8] = []
    var size = 0
    var isWhole: Bool { bytes.count == size }
  }

  private static let kept = 4 << 20

  private let descriptor: Int32
  private var buffer: [UInt8] = []
  private var place = 0

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  /// The lines up to the empty one; nil where the client has closed.
  func head() -> [String]? {
    var lines: [String] = []
    while let line = line() {
      if line.isEmpty { return lines }
      lines.append(line)
    }
    return nil
  }

  /// The body, each piece of which `each` sees; nil where it breaks off, or after `most` bytes.
  func body(length: Int, most: Int = .max, _ each: (UnsafeRawBufferPointer) -> Void) -> Content? {
    var content = Content()
    while content.size < length {
      if place == buffer.count, !fill() { return nil }
      let count = min(length - content.size, buffer.count - place)
      let piece = buffer[place..<place + count]
      piece.withUnsafeBytes(each)
      if content.bytes.count < Self.kept { content.bytes += piece }
      content.size += count
      place += count
      if content.size > most { return nil }
    }
    if content.bytes.count > Self.kept { content.bytes = [] }
    return content
  }

  func write(_ bytes: [UInt8]) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return }
      sent += count
    }
  }

  /// Reads until the client has closed.
  func drain() {
    place = buffer.count
    while fill() { place = buffer.count }
  }

  func close() { Glibc.close(descriptor) }

  private func line() -> String? {
    var line: [UInt8] = []
    while true {
      if place == buffer.count, !fill() { return nil }
      let byte = buffer[place]
      place += 1
      if byte == 0x0A { break }
      line.append(byte)
    }
    if line.last == 0x0D { line.removeLast() }
    return String(decoding: line, as: UTF8.self)
  }

  private func fill() -> Bool {
    var piece = [UInt8](repeating: 0, count: 65536)
    let count = recv(descriptor, &piece, piece.count, 0)
    guard count > 0 else { return false }
    buffer = Array(piece[..<count])
    place = 0
    return true
  }
}
