internal import Omnibus

/// A message of a queue as the writer knows it while nobody has it, or while one consumer does.
struct QueuedMessage {
  let sequence: Int64
  let orderKey: String?
  let appended: Double
  /// When it is ready, by the store's time; 0 for one that was never delayed.
  var due: Int64
  /// How often it was leased.
  var attempts: Int
  /// The message; nil where it is read again when it is leased.
  var message: Message?
  /// Its mark in the file of attempts.
  var mark: Int?
}
