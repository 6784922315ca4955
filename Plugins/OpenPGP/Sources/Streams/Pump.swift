internal import Glibc
internal import Omnibus

/// The two ends of one operation: where it reads from and where it writes to, within bounds. Used by its thread alone.
final class Pump {
  /// Where an operation reads from.
  enum Intake {
    case bytes([UInt8])
    case transfer(Transfer)
  }

  /// Where what it makes goes.
  enum Outlet {
    /// To whoever takes it at once; pieces are filled up first.
    case transfer(Transfer)
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

  private static let pieceSize = 128 << 10

  private let intake: Intake
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

  /// What was written, where that was held.
  var held: Hold.Content? { if case .hold(let hold) = outlet { hold.content } else { nil } }
  /// What was read, where that was copied.
  var copied: Hold.Content? { copy?.content }

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
    case .transfer(let transfer):
      pending.append(contentsOf: bytes)
      return pending.count < Self.pieceSize || flush(to: transfer)
    }
  }

  /// Reads what is left, and hands on what was not handed on yet; the operation has ended well.
  func finish() throws(Failure) {
    var rest = [UInt8](repeating: 0, count: 4096)
    while let count = rest.withUnsafeMutableBytes({ fill($0) }), count > 0 {}
    if case .transfer(let transfer) = outlet, failure == nil { _ = flush(to: transfer) }
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
    guard case .transfer(let transfer) = intake else { return [] }
    do throws(Transfer.Abandoned) { return try transfer.read() } catch {
      _ = fail(.cancelled, "the work was given up")
      return nil
    }
  }

  private func keep(_ bytes: UnsafeRawBufferPointer) {
    guard var hold = copy.take() else { return }
    do throws(Failure) { try hold.append(bytes) } catch { failure = error }
    copy = hold
  }

  private func flush(to transfer: Transfer) -> Bool {
    guard !pending.isEmpty else { return true }
    let piece = pending
    pending = []
    pending.reserveCapacity(Self.pieceSize + (32 << 10))
    do throws(Transfer.Abandoned) { try transfer.write(piece) } catch {
      return fail(.cancelled, "the work was given up")
    }
    return true
  }

  private func fail(_ kind: Failure.Kind, _ reason: String) -> Bool {
    failure = Failure(kind, reason)
    return false
  }
}
