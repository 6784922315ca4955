internal import Omnibus

extension SQLiteStore {
  /// Keeps a letter.
  public func keep(_ letter: DeadLetter) async throws {
    let record = try LetterRecord(letter)
    try await writer.perform(.write, size: record.size) { core throws(Failure) in try core.keep(record) }
  }

  /// The letters that `filter` lets through.
  public func deadLetters(_ filter: DeadLetterFilter, after: String?, limit: Int) async throws -> [DeadLetter] {
    try await writer.perform(.read) { core throws(Failure) in
      try core.letters(filter, after: after, limit: min(max(limit, 0), 10_000))
    }
  }

  /// A letter.
  public func deadLetter(_ id: String, withBody: Bool) async throws -> DeadLetter? {
    try await writer.perform(.read) { core throws(Failure) in
      var letter = try core.letter(id, withBody: withBody)
      if !withBody { letter?.message.properties = Properties() }
      return letter
    }
  }

  /// Removes a letter.
  public func removeDeadLetter(_ id: String) async throws -> Bool {
    try await writer.perform(.write) { core throws(Failure) in try core.removeLetter(id) }
  }

  /// Removes a letter that is as it was read.
  public func removeDeadLetter(_ letter: DeadLetter) async throws -> Bool {
    try await writer.perform(.write) { core throws(Failure) in
      guard let kept = try core.letter(letter.id, withBody: false), kept.attempts == letter.attempts else {
        return false
      }
      return try core.removeLetter(letter.id)
    }
  }

  /// How many letters are kept, by route.
  public func deadLetterCounts() async throws -> [String: Int] {
    try await writer.perform(.read) { core throws(Failure) in try core.letterCounts() }
  }
}

/// Letters come seldom, so their statements are compiled when they are run.
extension StoreCore {
  /// Keeps a letter in the open transaction: with the history of the one that has its id, or beside it.
  func keep(_ record: LetterRecord) throws(Failure) {
    var record = record
    let id = record.letter.id
    var number = 1
    while let earlier = try self.letter(record.letter.id) {
      guard !earlier.isOfSameMessage(as: record.letter) else {
        record.follow(earlier)
        break
      }
      number += 1
      record.rename("\(id)#\(number)")
    }
    let letter = record.letter
    let write = try connection.prepare(
      """
      INSERT OR REPLACE INTO letter(id, route, kind, last, received, size, attempts, head, body)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
      """)
    write.bind(1, letter.id)
    write.bind(2, letter.route)
    write.bind(3, record.kind)
    write.bind(4, record.last)
    write.bind(5, letter.received)
    write.bind(6, Int64(letter.size))
    let attempts = LetterRecord.encode(letter.attempts)
    write.bind(7, try seal?.seal(attempts, for: .letterAttempts(letter.id)) ?? attempts)
    write.bind(8, try seal?.seal(record.head, for: .letterHead(letter.id)) ?? record.head)
    try write.run(9, try seal?.seal(record.body, for: .letterBody(letter.id)) ?? record.body)
  }

  func letters(_ filter: DeadLetterFilter, after: String?, limit: Int) throws(Failure) -> [DeadLetter] {
    var conditions = ["true"]
    if after != nil { conditions.append("id > ?1") }
    if filter.route != nil { conditions.append("route = ?3") }
    if filter.kind != nil { conditions.append("kind = ?4") }
    if filter.since != nil { conditions.append("last >= ?5") }
    if filter.before != nil { conditions.append("last < ?6") }
    let rows = try connection.prepare(
      """
      SELECT id, route, received, size, attempts, head FROM letter WHERE \(conditions.joined(separator: " AND "))
      ORDER BY id LIMIT ?2
      """)
    if let after { rows.bind(1, after) }
    rows.bind(2, Int64(limit))
    if let route = filter.route { rows.bind(3, route) }
    if let kind = filter.kind { rows.bind(4, kind.rawValue) }
    if let since = filter.since { rows.bind(5, since) }
    if let before = filter.before { rows.bind(6, before) }
    var letters: [DeadLetter] = []
    while try rows.next() {
      var letter = try letter(rows).letter
      letter.message.properties = Properties()
      letters.append(letter)
    }
    return letters
  }

  func letter(_ id: String, withBody: Bool = true) throws(Failure) -> DeadLetter? {
    let rows = try connection.prepare(
      "SELECT id, route, received, size, attempts, head\(withBody ? ", body" : "") FROM letter WHERE id = ?1")
    rows.bind(1, id)
    guard try rows.next() else { return nil }
    var (letter, hasBody) = try letter(rows)
    if hasBody, withBody {
      letter.message.body = .bytes(
        try rows.record(6, seal, for: .letterBody(id)) { bytes throws(Failure) in Array(bytes) })
    }
    return letter
  }

  private func letter(_ row: SQLiteStatement) throws(Failure) -> (letter: DeadLetter, hasBody: Bool) {
    guard let id = row.text(0), let route = row.text(1) else { throw RecordReader.damaged }
    let (message, hasBody, entry) = try row.record(5, seal, for: .letterHead(id)) { bytes throws(Failure) in
      try LetterRecord.decodeHead(bytes)
    }
    let attempts = try row.record(4, seal, for: .letterAttempts(id)) { bytes throws(Failure) in
      try LetterRecord.decode(bytes)
    }
    let letter = DeadLetter(
      id: id, route: route, entry: entry, message: message, size: Int(row.int(3)), received: row.double(2),
      attempts: attempts)
    return (letter, hasBody)
  }

  func removeLetter(_ id: String) throws(Failure) -> Bool {
    let statement = try connection.prepare("DELETE FROM letter WHERE id = ?1")
    statement.bind(1, id)
    try statement.run()
    return connection.changes > 0
  }

  func letterCounts() throws(Failure) -> [String: Int] {
    let rows = try connection.prepare("SELECT route, count(*) FROM letter GROUP BY route")
    var counts: [String: Int] = [:]
    while try rows.next() { counts[rows.text(0) ?? ""] = Int(rows.int(1)) }
    return counts
  }
}
