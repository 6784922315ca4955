internal import Omnibus

/// What a request sends: bytes that are there, or pieces that a stream brings one at a time.
struct Upload {
  /// How many bytes it will be; nil where that is not known.
  let length: Int?
  private let isStream: Bool
  private var piece: [UInt8]
  private var offset = 0
  private var taken = 0
  private var hasEnded: Bool
  private var feeder: UnsafeContinuation<Bool, Never>?

  /// What `request` sends; nil for a method that needs no body when there is none.
  init?(_ request: borrowing HTTPClientRequest) {
    switch request.content {
    case .empty:
      guard ["POST", "PUT", "PATCH"].contains(request.method) else { return nil }
      self.init([], length: 0, isStream: false)
    case .bytes(let bytes): self.init(bytes, length: bytes.count, isStream: false)
    case .stream(let stream): self.init([], length: stream.length, isStream: true)
    }
  }

  private init(_ bytes: [UInt8], length: Int?, isStream: Bool) {
    piece = bytes
    self.length = length
    self.isStream = isStream
    hasEnded = !isStream
  }

  /// Copies everything to `buffer`, where it is there and fits.
  func copy(to buffer: UnsafeMutableBufferPointer<UInt8>) -> Bool {
    guard !isStream, piece.count <= buffer.count else { return false }
    _ = buffer.update(fromContentsOf: piece)
    return true
  }

  /// Copies what comes next to `buffer` and answers how much it was: 0 at the end, nil when the stream has to be waited
  /// for.
  mutating func give(_ buffer: UnsafeMutableBufferPointer<UInt8>) -> Int? {
    let count = min(buffer.count, piece.count - offset)
    guard count > 0 else { return hasEnded ? 0 : nil }
    _ = buffer.update(fromContentsOf: piece[offset..<offset + count])
    offset += count
    if isStream, offset == piece.count { answerFeeder(true) }
    return count
  }

  /// Goes to a place that was given before; a stream cannot.
  mutating func seek(to place: Int) -> Bool {
    guard !isStream, place <= piece.count else { return false }
    offset = place
    return true
  }

  /// Takes the next piece of the stream; `feeder` is resumed when it has been given away, with false when no more is
  /// wanted. Answers what is wrong with the stream.
  mutating func offer(_ piece: [UInt8], _ feeder: UnsafeContinuation<Bool, Never>) -> Failure? {
    taken += piece.count
    if let length, taken > length {
      feeder.resume(returning: false)
      return Failure(.invalid, "the body is longer than the \(length) bytes that it was to have")
    }
    self.piece = piece
    offset = 0
    self.feeder = feeder
    return nil
  }

  /// The stream has ended. Answers what is wrong with it.
  mutating func end() -> Failure? {
    hasEnded = true
    guard let length, taken < length else { return nil }
    return Failure(.invalid, "the body ended after \(taken) of \(length) bytes")
  }

  /// Nothing more is wanted.
  mutating func stop() { answerFeeder(false) }

  private mutating func answerFeeder(_ goesOn: Bool) {
    feeder?.resume(returning: goesOn)
    feeder = nil
  }
}
