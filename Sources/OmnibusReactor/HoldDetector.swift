/// Tells from samples of one reactor when a piece of work has held it for too long; says so once a piece.
struct HoldDetector {
  private let limit: UInt64
  private var piece: UInt64 = 0
  private var since: UInt64 = 0
  private var isReported = false

  /// `limit` is in nanoseconds.
  init(limit: UInt64) { self.limit = limit }

  /// For how many nanoseconds the piece that runs has been seen to run; 0 when none does.
  func held(at now: UInt64) -> UInt64 { piece == 0 ? 0 : now - since }

  /// Takes a sample: the number of the piece of work that runs, 0 when none does. Answers for how many nanoseconds the
  /// piece has been seen when that reaches the limit.
  mutating func observe(piece: UInt64, at now: UInt64) -> UInt64? {
    guard piece == self.piece, piece != 0 else {
      self.piece = piece
      since = now
      isReported = false
      return nil
    }
    guard !isReported, now - since >= limit else { return nil }
    isReported = true
    return now - since
  }
}
