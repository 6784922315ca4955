internal import Synchronization

/// How far what is in the journal has come into the database: told by the thread of the database to that of the journal.
final class JournalProgress: Sendable {
  /// The number of the last message that is in the database.
  let filled = Atomic<UInt64>(0)
  /// Whether the database cannot be written.
  let isStuck = Atomic<Bool>(false)
}
