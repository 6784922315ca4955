internal import Glibc
internal import Omnibus

/// The two ends of one operation: where it reads from and where it writes to, within bounds. Used by its thread alone, unless
/// one of the ends is handed over.
final class Pump {
  /// Where an operation reads from.
  enum Intake {
    case bytes([UInt8])
    case transfer(Transfer)
    case pipe(Pipe)
  }

  /// Where what it makes goes.
  enum Outlet {
    /// To whoever takes it at once; pieces are filled up first.
    case transfer(Transfer)
    /// To another thread; the same.
    case pipe(Pipe)
    /// To nobody until the operation has ended well.
    case hold(Hold)
    /// Nowhere.
    case nowhere
  }

  /// How much an operation may make of what it reads.
  struct Bounds: Sendable {
    /// How many bytes at the most.
    var size = Int.max
    /// How many times what was read, where it is more than `ratioFloor`.
    var ratio = Int.max

    static let ratioFloor = 1 << 20
  }

  /// How much goes between threads at once, so that what waits there stays small; also of a body in memory.
  private static let pieceSize = 256 << 10
  private static let largeSize = 1 << 20

  private var intake: Intake
  private var outlet: Outlet
  private let bounds: Bounds
  /// A copy of what is read, for bodies that go on as they are.
  private var copy: Hold?
  private var piece: [UInt8] = []
  private var place = 0
  private var pending: [UInt8] = []
  private var sessionKeys: SessionKeyCount?
  private var read = 0
  private var written = 0
  /// Why an end could not go on; the operation then fails in some way or other.
  private(set) var failure: Failure?

  /// Looks at what is read for more recipients than a message can have who means well.
  func boundRecipients() { sessionKeys = SessionKeyCount() }

  /// Ends that read from `intake` and write to `outlet`; `copy` keeps what is read.
  init(_ intake: Intake, to outlet: Outlet, within bounds: Bounds = Bounds(), copying copy: Hold? = nil) {
    self.intake = intake
    self.outlet = outlet
    self.bounds = bounds
    self.copy = copy
    if case .bytes(let bytes) = intake { piece = bytes }
  }

  /// Whether more is to be read than is worth a second thread.
  var isLarge: Bool { if case .bytes(let bytes) = intake { bytes.count >= Self.largeSize } else { true } }

  /// What was written, where that was held.
  var held: Hold.Content? { if case .hold(let hold) = outlet { hold.content } else { nil } }
  /// What was read, where that was copied.
  var copied: Hold.Content? { copy?.content }

  /// The next bytes, up to `count`, which are still to be read then; fewer before the end, nil where there is a failure.
  func look(_ count: Int) -> ArraySlice<UInt8>? {
    while piece.count - place < count {
      guard let next = nextPiece() else { return nil }
      if next.isEmpty { break }
      piece.removeFirst(place)
      place = 0
      piece.append(contentsOf: next)
    }
    return piece[place...].prefix(count)
  }

  /// Reads the next bytes, without copying them; none at the end, nil where there is a failure.
  func take() -> ArraySlice<UInt8>? {
    guard failure == nil else { return nil }
    if place == piece.count {
      guard let next = nextPiece() else { return nil }
      piece = next
      place = 0
    }
    let end = min(piece.count, place + Self.pieceSize)
    defer { place = end }
    read += end - place
    return piece[place..<end]
  }

  /// Another pump that writes where this one would, and reads what this one's thread puts into `pipe`; to be given back.
  func handOverOutlet(reading pipe: Pipe) -> Pump {
    defer { outlet = .nowhere }
    return Pump(.pipe(pipe), to: outlet, within: bounds)
  }

  /// Another pump that reads what this one would, and whose output comes through `pipe`.
  func handOverIntake(writing pipe: Pipe) -> Pump {
    let other = Pump(intake, to: .pipe(pipe))
    (other.piece, other.place) = (piece, place)
    (intake, piece, place) = (.bytes([]), [], 0)
    return other
  }

  /// Takes back what was handed over, with what was written.
  func takeBack(_ other: Pump) {
    outlet = other.outlet
    other.outlet = .nowhere
  }

  /// Reads up to as many bytes as `buffer` takes; 0 at the end, nil where there is a failure.
  func fill(_ buffer: UnsafeMutableRawBufferPointer) -> Int? {
    guard failure == nil else { return nil }
    if place == piece.count {
      guard let next = nextPiece() else { return nil }
      piece = next
      place = 0
    }
    let count = min(buffer.count, piece.count - place)
    piece.withUnsafeBytes { bytes in
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[place..<place + count]))
    }
    place += count
    read += count
    if sessionKeys != nil, !checkRecipients(UnsafeRawBufferPointer(rebasing: buffer[..<count])) { return nil }
    if copy != nil, count > 0 { keep(UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
    return failure == nil ? count : nil
  }

  /// Writes bytes; false where there is a failure.
  func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard failure == nil else { return false }
    written += bytes.count
    guard written <= bounds.size else { return fail(.rejected, "what it unpacks to is larger than max_size") }
    guard written <= Bounds.ratioFloor || written / bounds.ratio <= read else {
      return fail(.rejected, "it unpacks to more than max_ratio times its size")
    }
    switch outlet {
    case .nowhere: return true
    case .hold(var hold):
      // Taken out, so that there is one holder and appending copies nothing.
      outlet = .nowhere
      do throws(Failure) { try hold.append(bytes) } catch { failure = error }
      outlet = .hold(hold)
      return failure == nil
    case .transfer, .pipe:
      pending.append(contentsOf: bytes)
      return pending.count < Self.pieceSize || flush()
    }
  }

  /// Writes a piece as it is where it goes to others, so that it is not copied; false where there is a failure.
  func write(_ piece: [UInt8]) -> Bool {
    switch outlet {
    case .hold, .nowhere: return piece.withUnsafeBytes { write($0) }
    case .transfer, .pipe:
      if piece.isEmpty { return failure == nil }
      return failure == nil && flush() && hand(on: piece)
    }
  }

  /// Reads what is left, and hands on what was not handed on yet; the operation has ended well.
  func finish() throws(Failure) {
    var rest = [UInt8](repeating: 0, count: 4096)
    while let count = rest.withUnsafeMutableBytes({ fill($0) }), count > 0 {}
    if failure == nil { _ = flush() }
    if let failure { throw failure }
  }

  private func checkRecipients(_ bytes: UnsafeRawBufferPointer) -> Bool {
    sessionKeys?.read(bytes)
    guard let found = sessionKeys, found.count > SessionKeyCount.limit else {
      if sessionKeys?.isOver ?? true { sessionKeys = nil }
      return true
    }
    return fail(.rejected, "the message is encrypted for more than \(SessionKeyCount.limit) keys")
  }

  private func nextPiece() -> [UInt8]? {
    switch intake {
    case .bytes: return []
    case .pipe(let pipe):
      if let next = pipe.read() { return next }
    case .transfer(let transfer):
      if let next = try? transfer.read() { return next }
    }
    _ = fail(.cancelled, "the work was given up")
    return nil
  }

  private func keep(_ bytes: UnsafeRawBufferPointer) {
    guard var hold = copy.take() else { return }
    do throws(Failure) { try hold.append(bytes) } catch { failure = error }
    copy = hold
  }

  private func flush() -> Bool {
    guard !pending.isEmpty else { return true }
    let piece = pending
    pending = []
    pending.reserveCapacity(Self.pieceSize + (32 << 10))
    return hand(on: piece)
  }

  private func hand(on piece: [UInt8]) -> Bool {
    switch outlet {
    case .pipe(let pipe): if pipe.write(piece) { return true }
    case .transfer(let transfer): if (try? transfer.write(piece)) != nil { return true }
    case .hold, .nowhere: return true
    }
    return fail(.cancelled, "the work was given up")
  }

  private func fail(_ kind: Failure.Kind, _ reason: String) -> Bool {
    failure = Failure(kind, reason)
    return false
  }
}
