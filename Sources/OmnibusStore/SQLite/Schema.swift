internal import CSQLite
internal import Omnibus

/// The tables, by versions: each migration makes a database of the version before one of its own.
enum Schema {
  /// Marks databases of ours: "OMNI".
  static let applicationID: Int64 = 0x4F4D_4E49

  /// The first migration makes version 1 of an empty database.
  static let migrations = [
    """
    CREATE TABLE meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE queue(number INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, next INTEGER NOT NULL,
      depth INTEGER NOT NULL);
    CREATE TABLE message(id INTEGER PRIMARY KEY, order_key TEXT, due INTEGER NOT NULL, attempts INTEGER NOT NULL,
      appended REAL NOT NULL, record BLOB NOT NULL);
    CREATE INDEX message_due ON message(id >> 40, due) WHERE due > 0;
    CREATE TABLE effect(delivery TEXT NOT NULL, name TEXT NOT NULL, until INTEGER NOT NULL,
      PRIMARY KEY(delivery, name)) WITHOUT ROWID;
    CREATE INDEX effect_until ON effect(until) WHERE until > 0;
    CREATE TABLE letter(id TEXT PRIMARY KEY, route TEXT NOT NULL, kind TEXT NOT NULL, last REAL NOT NULL,
      received REAL NOT NULL, size INTEGER NOT NULL, attempts BLOB NOT NULL, head BLOB NOT NULL, body BLOB NOT NULL);
    CREATE INDEX letter_by_route ON letter(route, id);
    CREATE INDEX letter_by_kind ON letter(kind, id);
    CREATE TABLE key(scope TEXT NOT NULL, digest BLOB NOT NULL, until INTEGER NOT NULL,
      PRIMARY KEY(scope, digest)) WITHOUT ROWID;
    CREATE INDEX key_until ON key(until);
    CREATE TABLE generation(number INTEGER PRIMARY KEY AUTOINCREMENT, applied REAL NOT NULL, reason TEXT NOT NULL,
      routes BLOB NOT NULL, files BLOB NOT NULL);
    """
  ]

  /// Brings a database to the newest version, each step in a transaction; one of a newer version, or of another program,
  /// is refused and left as it is.
  static func migrate(
    _ connection: SQLiteConnection, by migrations: [String] = migrations
  ) throws(Failure) {
    let version = try connection.number("PRAGMA user_version") ?? 0
    let owner = try connection.number("PRAGMA application_id") ?? 0
    let isEmpty = try connection.number("SELECT count(*) FROM sqlite_schema") == 0
    guard owner == applicationID || owner == 0 && version == 0 && isEmpty else {
      throw Failure(.unavailable, "the database is one of another program")
    }
    guard version <= migrations.count else {
      throw Failure(
        .unavailable,
        "the database has version \(version), written by a newer omnibus; this one knows versions up to \(migrations.count)"
      )
    }
    for step in Int(version)..<migrations.count {
      try connection.begin()
      do throws(Failure) {
        try connection.execute(migrations[step])
        try connection.execute("PRAGMA application_id = \(applicationID); PRAGMA user_version = \(step + 1)")
        try connection.execute("COMMIT")
      } catch {
        connection.rollBack()
        throw error
      }
    }
  }
}
