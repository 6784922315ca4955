internal import Omnibus

/// The statements that are run again and again.
struct StoreStatements {
  let begin, commit: SQLiteStatement
  let addQueue, saveQueue: SQLiteStatement
  let append, remove, delay: SQLiteStatement
  let isThere, scan, message, due, nextDue, matured, oldest: SQLiteStatement
  let addEffect, removeEffects, pruneEffects: SQLiteStatement
  let hasKey, addKey, removeKey, pruneKeys: SQLiteStatement

  init(_ connection: SQLiteConnection) throws(Failure) {
    begin = try connection.prepare("BEGIN IMMEDIATE")
    commit = try connection.prepare("COMMIT")
    addQueue = try connection.prepare("INSERT INTO queue(name, next, depth) VALUES (?1, 1, 0)")
    saveQueue = try connection.prepare("UPDATE queue SET next = ?2, depth = ?3 WHERE number = ?1")
    append = try connection.prepare(
      "INSERT INTO message(id, order_key, due, attempts, appended, record) VALUES (?1, ?2, ?3, 0, ?4, ?5)")
    remove = try connection.prepare("DELETE FROM message WHERE id = ?1")
    delay = try connection.prepare("UPDATE message SET due = ?2, attempts = ?3 WHERE id = ?1")
    isThere = try connection.prepare("SELECT 1 FROM message WHERE id = ?1")
    let columns = "id, order_key, due, attempts, appended, record"
    scan = try connection.prepare(
      "SELECT \(columns) FROM message WHERE id > ?1 AND id <= ?2 ORDER BY id LIMIT ?3")
    message = try connection.prepare("SELECT \(columns) FROM message WHERE id = ?1")
    due = try connection.prepare(
      """
      SELECT \(columns) FROM message WHERE id >> 40 = ?1 AND due > 0 AND (due, id) > (?2, ?3) AND due <= ?4
      ORDER BY due, id LIMIT ?5
      """)
    nextDue = try connection.prepare(
      "SELECT due FROM message WHERE id >> 40 = ?1 AND due > 0 AND due > ?2 ORDER BY due LIMIT 1")
    matured = try connection.prepare(
      "SELECT count(*) FROM message WHERE id >> 40 = ?1 AND due > 0 AND due > ?2 AND due <= ?3")
    oldest = try connection.prepare("SELECT appended FROM message WHERE id > ?1 AND id <= ?2 ORDER BY id LIMIT 1")
    addEffect = try connection.prepare("INSERT OR IGNORE INTO effect(delivery, name, until) VALUES (?1, ?2, ?3)")
    removeEffects = try connection.prepare("DELETE FROM effect WHERE delivery = ?1")
    pruneEffects = try connection.prepare(
      """
      DELETE FROM effect WHERE (delivery, name) IN
        (SELECT delivery, name FROM effect WHERE until > 0 AND until <= ?1 LIMIT ?2)
      """)
    hasKey = try connection.prepare("SELECT 1 FROM key WHERE scope = ?1 AND digest = ?2 AND until > ?3")
    addKey = try connection.prepare("INSERT OR REPLACE INTO key(scope, digest, until) VALUES (?1, ?2, ?3)")
    removeKey = try connection.prepare("DELETE FROM key WHERE scope = ?1 AND digest = ?2")
    pruneKeys = try connection.prepare(
      "DELETE FROM key WHERE (scope, digest) IN (SELECT scope, digest FROM key WHERE until <= ?1 LIMIT ?2)")
  }
}
