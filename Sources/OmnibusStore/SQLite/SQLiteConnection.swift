internal import CSQLite
internal import Omnibus

/// A connection to a database, used by one thread at a time.
final class SQLiteConnection {
  private let handle: OpaquePointer
  /// How many pages the log had after the last commit, where `countLog` was called.
  private(set) var pagesInLog = 0

  /// Opens the file, which is made where it is not there.
  init(path: String) throws(Failure) {
    var opened: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
    let code = sqlite3_open_v2(path, &opened, flags, nil)
    guard let opened else { throw Failure(.unavailable, "there is no memory for the database") }
    handle = opened
    try check(code)
    omnibus_sqlite_defend(opened)
  }

  deinit { sqlite3_close_v2(handle) }

  /// Runs statements that answer nothing of interest.
  func execute(_ sql: String) throws(Failure) { try check(sqlite3_exec(handle, sql, nil, nil, nil)) }

  /// A statement that is run more than once.
  func prepare(_ sql: String) throws(Failure) -> SQLiteStatement {
    var statement: OpaquePointer?
    try check(sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil))
    guard let statement else { throw Failure(.internal, "an empty statement") }
    return SQLiteStatement(statement, of: self)
  }

  /// The first column of the first row, as text; nil where there is no row.
  func text(_ sql: String) throws(Failure) -> String? {
    let statement = try prepare(sql)
    return try statement.next() ? statement.text(0) : nil
  }

  /// The first column of the first row, as a whole number; nil where there is no row.
  func number(_ sql: String) throws(Failure) -> Int64? {
    let statement = try prepare(sql)
    return try statement.next() ? statement.int(0) : nil
  }

  /// How many rows the last statement has changed.
  var changes: Int { Int(sqlite3_changes64(handle)) }

  /// The id of the row that was added last.
  var lastRow: Int64 { sqlite3_last_insert_rowid(handle) }

  /// Whether a transaction is open.
  var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

  /// Begins a transaction.
  func begin() throws(Failure) { try execute("BEGIN IMMEDIATE") }

  /// Ends a transaction by letting go of what it did; one that ended by itself is left alone.
  func rollBack() { if isInTransaction { sqlite3_exec(handle, "ROLLBACK", nil, nil, nil) } }

  /// Has each commit count the pages of the log, and never write them into the database by itself.
  func countLog() {
    sqlite3_wal_hook(
      handle,
      { connection, _, _, pages in
        if let connection {
          Unmanaged<SQLiteConnection>.fromOpaque(connection).takeUnretainedValue().pagesInLog = Int(pages)
        }
        return SQLITE_OK
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  /// Writes what the log holds into the database, as far as others that read or write leave it free, and syncs it
  /// (sqlite.org/c3ref/wal_checkpoint_v2.html, PASSIVE). What fails is tried again with the next call.
  func writeBackLog() { sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil) }

  /// Fails where the last call did.
  func checkLast() throws(Failure) { try check(sqlite3_extended_errcode(handle)) }

  func check(_ code: Int32) throws(Failure) {
    guard code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE else { throw failure(code) }
  }

  /// A failure by a result code (sqlite.org/rescode.html). SQLite's texts can hold names of files, never values.
  func failure(_ code: Int32) -> Failure {
    let text = String(cString: sqlite3_errstr(code)).lowercased()
    switch code & 0xFF {
    case SQLITE_FULL: return Failure(.unavailable, "the store has no room: \(text)")
    case SQLITE_IOERR where code == omnibus_sqlite_ioerr_fsync:
      return Failure(.outcomeUnknown, "the store could not be synced: \(text) (code \(code))")
    case SQLITE_IOERR, SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_BUSY, SQLITE_LOCKED, SQLITE_NOMEM, SQLITE_PERM,
      SQLITE_PROTOCOL:
      return Failure(.unavailable, "the store cannot be used: \(text) (code \(code))")
    case SQLITE_TOOBIG: return Failure(.invalid, "the message is larger than the store can keep")
    case SQLITE_CORRUPT, SQLITE_NOTADB: return Failure(.internal, "the store is damaged: \(text) (code \(code))")
    default: return Failure(.internal, "the store failed: \(text) (code \(code))")
    }
  }
}
