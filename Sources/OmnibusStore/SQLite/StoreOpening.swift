internal import CSQLite
internal import Glibc
internal import Omnibus

/// Opens the database of a folder, or says what is wrong with it. A database that is refused is left as it is.
enum StoreOpening {
  /// Larger pages mean fewer of them in a commit, smaller ones fewer bytes that are written twice.
  static let pageSize = 8192
  /// A database up to this size is looked through as a whole.
  private static let fullCheckSize = 64 << 20

  static func open(
    _ folder: DataFolder, _ seal: RecordSeal?, migrations: [String] = Schema.migrations
  ) throws(Failure) -> SQLiteConnection {
    do throws(Failure) {
      try checkSize(folder)
      let connection = try SQLiteConnection(path: folder.database)
      try prepare(connection)
      try checkContent(connection, folder)
      try Schema.migrate(connection, by: migrations)
      try checkSeal(connection, seal)
      return connection
    } catch {
      throw Failure(error.kind, "\(folder.database) cannot be opened: \(error.reason)", cause: error.cause)
    }
  }

  private static func prepare(_ connection: SQLiteConnection) throws(Failure) {
    try connection.execute(
      """
      PRAGMA page_size = \(pageSize);
      PRAGMA trusted_schema = OFF;
      PRAGMA foreign_keys = ON;
      PRAGMA cell_size_check = ON;
      PRAGMA temp_store = MEMORY;
      PRAGMA cache_size = -32768;
      """)
    try connection.execute("PRAGMA secure_delete = ON")
    try keepSynced(connection)
    connection.countLog()
  }

  /// A second connection to a database that is open, which writes its log back.
  static func second(_ folder: DataFolder) throws(Failure) -> sending SQLiteConnection {
    let connection = try SQLiteConnection(path: folder.database)
    try keepSynced(connection)
    return connection
  }

  private static func keepSynced(_ connection: SQLiteConnection) throws(Failure) {
    let mode = try connection.text("PRAGMA journal_mode = WAL")
    try connection.execute("PRAGMA synchronous = FULL; PRAGMA mmap_size = 0; PRAGMA wal_autocheckpoint = 0")
    guard mode == "wal", try connection.number("PRAGMA synchronous") == 2 else {
      throw Failure(.unavailable, "it does not sync what is written")
    }
  }

  /// A database without a log has all the pages that its header counts (sqlite.org/fileformat.html, 1.3).
  private static func checkSize(_ folder: DataFolder) throws(Failure) {
    var status = stat()
    guard stat(folder.database, &status) == 0, status.st_size > 0 else { return }
    let size = Int(status.st_size)
    guard stat("\(folder.database)-wal", &status) != 0 || status.st_size == 0 else { return }
    let file = Glibc.open(folder.database, O_RDONLY | O_CLOEXEC)
    defer { close(file) }
    var header = [UInt8](repeating: 0, count: 100)
    guard file >= 0, pread(file, &header, 100, 0) == 100 else {
      throw Failure(.internal, "it is damaged: a database has a header of 100 bytes, and it has \(size)")
    }
    let page = Int(header[16]) << 8 | Int(header[17])
    let pages = header[28..<32].reduce(0) { $0 << 8 | Int($1) }
    let isCountValid = header[24..<28] == header[92..<96]
    guard !isCountValid || size >= pages * (page == 1 ? 65536 : page) else {
      throw Failure(.internal, "it is damaged: it should have \(pages) pages, and has \(size) bytes")
    }
  }

  /// What can be seen of damage without reading a large database through.
  private static func checkContent(_ connection: SQLiteConnection, _ folder: DataFolder) throws(Failure) {
    let pages = try connection.number("PRAGMA page_count") ?? 0
    let size = try connection.number("PRAGMA page_size") ?? 0
    guard pages * size <= fullCheckSize else {
      _ = try connection.number("SELECT count(*) FROM sqlite_schema")
      return
    }
    guard try connection.text("PRAGMA quick_check(1)") == "ok" else {
      throw Failure(.internal, "it is damaged: quick_check finds errors in it")
    }
  }

  /// A value that only the key opens tells whether the key is that of the records.
  private static func checkSeal(_ connection: SQLiteConnection, _ seal: RecordSeal?) throws(Failure) {
    let statement = try connection.prepare("SELECT value FROM meta WHERE name = 'seal'")
    guard try statement.next() else {
      guard let seal else { return }
      let insert = try connection.prepare("INSERT INTO meta(name, value) VALUES ('seal', ?1)")
      insert.bind(1, try seal.seal(Array("omnibus".utf8), for: .check))
      try insert.run()
      return
    }
    guard let seal else { throw Failure(.unavailable, "it is sealed, and there is no key for it") }
    let isRight = (try? statement.withBytes(0) { value throws(Failure) in try seal.open(value, for: .check) }) != nil
    statement.reset()
    guard isRight else { throw Failure(.unavailable, "it is sealed with another key than the one given") }
  }
}
