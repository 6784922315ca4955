internal import Omnibus

/// Cuts a body into parts while it is read.
struct BodyParts {
  /// How many parts an upload can have.
  private static let most = 10_000

  private let size: Int
  private let length: Int?
  /// What more is read from; nil where all was read.
  private var stream: BodyStream?
  private var held: [UInt8] = []
  private var place = 0
  private var count = 0
  private var number = 0

  /// The parts of a message's body, a stream of which is claimed: `size` bytes each, more where there would be too many.
  init(_ message: Message, size: Int) throws(Failure) {
    if case .stream(let stream) = message.body {
      try stream.claim()
      self.stream = stream
      length = stream.length
    } else {
      held = try message.bodyBytes()
      length = held.count
    }
    let least = ((length ?? 0) + Self.most - 1) / Self.most
    self.size = max(size, least)
  }

  /// Whether all parts were given.
  var isAtEnd: Bool { stream == nil && place == held.count }

  /// The next part, without checksums. The first may be empty, and no other is.
  mutating func next() async throws -> BodyPart {
    guard number < Self.most else {
      throw Failure(
        .invalid, "the body has more than \(Self.most) parts of \(ByteSize(bytes: size)); part_size makes them larger")
    }
    number += 1
    var bytes: [UInt8]
    if stream == nil, place == 0, held.count <= size {
      bytes = held
      place = held.count
    } else {
      bytes = []
      bytes.reserveCapacity(min(size, length ?? size))
      while bytes.count < size {
        if place == held.count, try await !refill() { break }
        let taken = min(size - bytes.count, held.count - place)
        bytes.append(contentsOf: held[place..<place + taken])
        place += taken
      }
      // Whether this was the last part shows only with the next piece.
      if place == held.count { _ = try await refill() }
    }
    return BodyPart(number: number, bytes: bytes)
  }

  private mutating func refill() async throws -> Bool {
    guard let stream else { return false }
    held = []
    place = 0
    guard let piece = try await stream.next() else {
      self.stream = nil
      guard length == nil || count == length else {
        throw Failure(.invalid, "the body ended after \(count) of \(length ?? 0) bytes")
      }
      return false
    }
    count += piece.count
    held = piece
    return true
  }
}
