internal import Omnibus

extension SQLiteStore {
  /// Keeps a generation.
  public func keep(_ generation: StoredGeneration, atMost limit: Int) async throws -> Int {
    let record = GenerationRecord(generation)
    return try await writer.perform(.write, size: record.files.count) { core throws(Failure) in
      try core.keep(record, atMost: limit)
    }
  }

  /// The generations that are kept, newest first.
  public func generations() async throws -> [StoredGeneration] {
    try await writer.perform(.read) { core throws(Failure) in try core.generations() }
  }

  /// A generation with its files.
  public func generation(_ number: Int) async throws -> StoredGeneration? {
    try await writer.perform(.read) { core throws(Failure) in try core.generation(number) }
  }
}

extension StoreCore {
  func keep(_ record: GenerationRecord, atMost limit: Int) throws(Failure) -> Int {
    let write = try connection.prepare(
      "INSERT INTO generation(applied, reason, routes, files) VALUES (?1, ?2, ?3, ?4)")
    write.bind(1, record.applied)
    write.bind(2, record.reason)
    write.bind(3, record.routes)
    try write.run(4, record.files)
    let number = connection.lastRow
    let prune = try connection.prepare(
      "DELETE FROM generation WHERE number NOT IN (SELECT number FROM generation ORDER BY number DESC LIMIT ?1)")
    prune.bind(1, Int64(max(limit, 0)))
    try prune.run()
    return Int(number)
  }

  func generations() throws(Failure) -> [StoredGeneration] {
    let rows = try connection.prepare("SELECT number, applied, reason, routes FROM generation ORDER BY number DESC")
    var generations: [StoredGeneration] = []
    while try rows.next() { generations.append(try generation(rows)) }
    return generations
  }

  func generation(_ number: Int) throws(Failure) -> StoredGeneration? {
    let rows = try connection.prepare("SELECT number, applied, reason, routes, files FROM generation WHERE number = ?1")
    rows.bind(1, Int64(number))
    guard try rows.next() else { return nil }
    var generation = try generation(rows)
    generation.files = try rows.withBytes(4) { bytes throws(Failure) in try GenerationRecord.files(bytes) }
    return generation
  }

  private func generation(_ row: SQLiteStatement) throws(Failure) -> StoredGeneration {
    let routes = try row.withBytes(3) { bytes throws(Failure) in try GenerationRecord.routes(bytes) }
    return StoredGeneration(
      number: Int(row.int(0)), applied: row.double(1), reason: row.text(2) ?? "", routes: routes, files: [])
  }
}
