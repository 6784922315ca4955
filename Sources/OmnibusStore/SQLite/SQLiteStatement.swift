internal import CSQLite
internal import Omnibus

/// A statement that was compiled once. Parameters count from 1, columns from 0.
final class SQLiteStatement {
  private let handle: OpaquePointer
  // Keeps the connection open as long as it has statements.
  private let connection: SQLiteConnection

  init(_ handle: OpaquePointer, of connection: SQLiteConnection) {
    self.handle = handle
    self.connection = connection
  }

  deinit { sqlite3_finalize(handle) }

  /// Sets a parameter.
  func bind(_ place: Int32, _ value: Int64) { sqlite3_bind_int64(handle, place, value) }

  /// Sets a parameter.
  func bind(_ place: Int32, _ value: Double) { sqlite3_bind_double(handle, place, value) }

  /// Sets a parameter to a copy of the text, nil to NULL.
  func bind(_ place: Int32, _ value: String?) {
    guard var value else {
      sqlite3_bind_null(handle, place)
      return
    }
    value.withUTF8 { text in
      _ = text.withMemoryRebound(to: CChar.self) { text in
        // Without an address it would be NULL, which no text is.
        text.baseAddress.map { omnibus_sqlite_copy_text(handle, place, $0, UInt64(text.count)) }
          ?? omnibus_sqlite_copy_text(handle, place, "", 0)
      }
    }
  }

  /// Sets a parameter to a copy of the bytes.
  func bind(_ place: Int32, _ value: [UInt8]) {
    value.withUnsafeBytes { bytes in
      _ =
        bytes.baseAddress.map { omnibus_sqlite_copy_bytes(handle, place, $0, UInt64(bytes.count)) }
        ?? sqlite3_bind_zeroblob(handle, place, 0)
    }
  }

  /// Runs a statement without rows.
  func run() throws(Failure) {
    let code = sqlite3_step(handle)
    sqlite3_reset(handle)
    guard code == SQLITE_DONE || code == SQLITE_ROW else { throw connection.failure(code) }
  }

  /// Runs a statement without rows, with bytes as a parameter that are not copied.
  func run(_ place: Int32, _ value: [UInt8]) throws(Failure) {
    let code = value.withUnsafeBytes { bytes in
      let bound =
        bytes.baseAddress.map { omnibus_sqlite_bind_bytes(handle, place, $0, UInt64(bytes.count)) }
        ?? sqlite3_bind_zeroblob(handle, place, 0)
      guard bound == SQLITE_OK else { return bound }
      defer { sqlite3_bind_null(handle, place) }
      let code = sqlite3_step(handle)
      sqlite3_reset(handle)
      return code
    }
    guard code == SQLITE_DONE || code == SQLITE_ROW else { throw connection.failure(code) }
  }

  /// Goes to the next row; false where there is none, which makes the statement ready for the next time.
  func next() throws(Failure) -> Bool {
    let code = sqlite3_step(handle)
    if code == SQLITE_ROW { return true }
    sqlite3_reset(handle)
    guard code == SQLITE_DONE else { throw connection.failure(code) }
    return false
  }

  /// Makes the statement ready for the next time, where rows may be left.
  func reset() { sqlite3_reset(handle) }

  /// Whether a column is NULL.
  func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

  /// A column as a whole number; 0 where it is none.
  func int(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

  /// A column as a number; 0 where it is none.
  func double(_ column: Int32) -> Double { sqlite3_column_double(handle, column) }

  /// How many bytes a column has.
  func size(_ column: Int32) -> Int { Int(sqlite3_column_bytes(handle, column)) }

  /// A column as text; nil for NULL.
  func text(_ column: Int32) -> String? {
    guard let text = sqlite3_column_text(handle, column) else { return nil }
    let count = Int(sqlite3_column_bytes(handle, column))
    return String(decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self)
  }

  /// Hands the bytes of a column to `body`; they are gone with the row.
  func withBytes<Result>(
    _ column: Int32, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let start = sqlite3_column_blob(handle, column)
    // No address is that of no bytes, or what could not be read.
    if start == nil { try connection.checkLast() }
    return try body(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
  }

  /// The bytes of a column.
  func bytes(_ column: Int32) throws(Failure) -> [UInt8] {
    try withBytes(column) { bytes throws(Failure) in Array(bytes) }
  }
}
