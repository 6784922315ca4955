internal import Omnibus

/// A message for a queue, as it came.
final class Arrival: Sendable {
  let queue: String
  /// What its order key is known by.
  let orderKey: String?
  /// When it is ready, by the store's time; 0 for one that is at once.
  let due: Int64
  /// When it came, in seconds since 1970.
  let appended: Double
  /// The message as a `MessageRecord`, not sealed.
  let record: [UInt8]
  /// The message; nil where it is to be read from the database when it is needed.
  let message: Message?

  init(queue: String, orderKey: String?, due: Int64, appended: Double, record: [UInt8], message: Message?) {
    self.queue = queue
    self.orderKey = orderKey
    self.due = due
    self.appended = appended
    self.record = record
    self.message = message
  }
}
