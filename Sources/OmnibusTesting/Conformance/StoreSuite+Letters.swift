internal import Omnibus
internal import OmnibusStore

extension StoreSuite {
  /// A message that is buried is a letter, and no message any more.
  func burying(_ trial: Trial) async throws {
    let store = trial.store
    try await trial.append([1, 2])
    let lease = try await trial.one()
    var letter = trial.letter("one", kind: .rejected)
    letter.message = lease.message
    letter.message.properties["request"] = .map(ValueMap([("path", .string("/beds"))]))
    letter.entry = "charge"
    trial.expect(try await store.bury(lease, as: letter), .buriedWhole, "a message that is leased is not buried")
    let status = try await trial.status()
    trial.expect(
      status?.depth == 1, .buriedWhole, "of two messages, one of them buried, \(status?.depth ?? 0) are there")
    guard let kept = try await store.deadLetter("one", withBody: true) else {
      trial.expect(false, .buriedWhole, "a message that was buried is no dead letter")
      return
    }
    trial.expect(kept.message.id.description == lease.message.id.description, .buriedWhole, "the id is another")
    trial.expect(try kept.message.bodyBytes() == Secret.body(1), .buriedWhole, "the body is another")
    let fields = kept.message.headers.map { "\($0.name): \($0.value)" }
    trial.expect(fields == lease.message.headers.map { "\($0.name): \($0.value)" }, .buriedWhole, "headers are others")
    trial.expect(
      kept.attempts == letter.attempts && kept.route == letter.route && kept.size == letter.size
        && abs(kept.received - letter.received) < 0.1, .buriedWhole, "what failed and when is another")
    trial.expect(
      kept.entry == "charge" && kept.message.properties["request"]?.member("path")?.string == "/beds", .buriedWhole,
      "the step that it goes on from, or its properties, are others")
    let bare = try await store.deadLetter("one", withBody: false)
    trial.expect(
      bare?.attempts == letter.attempts && bare?.size == letter.size && bare?.message.properties.entries.isEmpty == true
        && (try? bare?.message.bodyBytes()) == [], .lettersListed,
      "what is known of a letter has its body or properties")
    trial.clock.advance(by: .seconds(11))
    let left = try await trial.lease()
    trial.expect(left.numbers == [2], .buriedWhole, "after 1 was buried came \(left.numbers)")
  }

  /// Letters by filters and pages, until they are removed.
  func deadLetters(_ trial: Trial) async throws {
    let store = trial.store
    let start = 1_700_000_000.0
    for number in 0..<10 {
      try await store.keep(
        trial.letter(
          "letter-\(number)", route: number % 2 == 0 ? "even" : "odd", kind: number < 5 ? .invalid : .unavailable,
          time: start + Double(number)))
    }
    func ids(_ filter: DeadLetterFilter = .init(), after: String? = nil, limit: Int = 100) async throws -> [Int] {
      let letters = try await store.deadLetters(filter, after: after, limit: limit)
      let isBare = letters.allSatisfy { if case .empty = $0.message.body { true } else { false } }
      trial.expect(isBare, .lettersListed, "bodies are in the list")
      return letters.map { Int($0.id.dropFirst(7)) ?? -1 }
    }
    let cases: [(text: String, found: [Int], expected: [Int])] = [
      ("all", try await ids(), Array(0..<10)),
      ("a route", try await ids(.init(route: "odd")), [1, 3, 5, 7, 9]),
      ("a kind", try await ids(.init(kind: .invalid)), Array(0..<5)),
      ("times", try await ids(.init(since: start + 2, before: start + 5)), [2, 3, 4]),
      ("all of these", try await ids(.init(route: "even", kind: .unavailable, since: start + 7)), [8]),
      ("the first three", try await ids(limit: 3), [0, 1, 2]),
      ("the next three", try await ids(after: "letter-2", limit: 3), [3, 4, 5]),
      ("those behind the last", try await ids(after: "letter-9"), []),
      ("those of a route behind one of another", try await ids(.init(route: "odd"), after: "letter-4"), [5, 7, 9]),
      ("none", try await ids(limit: 0), []),
    ]
    for one in cases {
      trial.expect(one.found == one.expected, .lettersListed, "\(one.text): \(one.found), expected \(one.expected)")
    }
    let counts = try await store.deadLetterCounts()
    trial.expect(counts == ["even": 5, "odd": 5], .lettersListed, "of five and five letters \(counts) are counted")
    trial.expect(try await store.removeDeadLetter("letter-2"), .lettersListed, "a letter cannot be removed")
    trial.expect(try await !store.removeDeadLetter("letter-2"), .lettersListed, "a letter is removed twice")
    trial.expect(
      try await store.deadLetter("letter-2", withBody: true) == nil, .lettersListed,
      "a letter that was removed is found")
    let behind = try await ids(after: "letter-2", limit: 2)
    trial.expect(behind == [3, 4], .lettersListed, "behind a letter that was removed come \(behind)")
    let left = try await ids()
    trial.expect(left == [0, 1] + Array(3..<10), .lettersListed, "after one was removed there are \(left)")
  }

  /// A letter that is kept again.
  func history(_ trial: Trial) async throws {
    let store = trial.store
    let first = trial.letter("again", kind: .unavailable, time: 1_700_000_000)
    try await store.keep(first)
    var second = trial.letter("again", kind: .rejected, time: 1_700_000_500)
    second.message = first.message
    try await store.keep(second)
    try await trial.append([3])
    var third = trial.letter("again", kind: .timeout, time: 1_700_000_900)
    third.message = first.message
    _ = try await store.bury(try await trial.one(), as: third)
    let kept = try await store.deadLetter("again", withBody: true)
    let kinds = kept?.attempts.map(\.kind) ?? []
    trial.expect(
      kinds == [.unavailable, .rejected, .timeout], .lettersMerged,
      "of three attempts \(kinds.map(\.rawValue)) are kept")
    let count = try await store.deadLetters(.init(), after: nil, limit: 10).count
    trial.expect(count == 1, .lettersMerged, "of one letter there are \(count)")
    let filtered = try await store.deadLetters(.init(kind: .unavailable), after: nil, limit: 10).count
    trial.expect(filtered == 0, .lettersListed, "a letter is found by the kind of an earlier failure")
    _ = try await store.removeDeadLetter("again")
    try await store.keep(trial.letter("again"))
    let anew = try await store.deadLetter("again", withBody: true)?.attempts.count
    trial.expect(anew == 1, .lettersMerged, "a letter that was removed has its history still")
  }

  /// Letters of several messages under one id, and letters that change while they are replayed.
  func lettersApart(_ trial: Trial) async throws {
    let store = trial.store
    var letters = (1...3).map { number in
      var letter = trial.letter("same", kind: .rejected)
      letter.message.body = .bytes(Secret.body(number))
      return letter
    }
    // Another step appended the same message with another body.
    letters[1].message = Message(id: letters[0].message.id, headers: letters[0].message.headers)
    letters[1].message.body = .bytes(Secret.body(2))
    for letter in letters { try await store.keep(letter) }
    try await store.keep(letters[1])
    for (place, id) in ["same", "same#2", "same#3"].enumerated() {
      let kept = try await store.deadLetter(id, withBody: true)
      trial.expect(
        try kept?.message.bodyBytes() == Secret.body(place + 1), .lettersApart,
        "of three messages of one letter's id, number \(place + 1) is not kept as \(id)")
      trial.expect(
        kept?.attempts.count == (place == 1 ? 2 : 1), .lettersMerged,
        "letter \(place + 1) has \(kept?.attempts.count ?? 0) attempts")
    }
    guard let read = try await store.deadLetter("same", withBody: true) else { return }
    try await store.keep(letters[0])
    trial.expect(
      try await !store.removeDeadLetter(read), .lettersApart, "a letter that failed again since it was read is removed")
    guard let again = try await store.deadLetter("same", withBody: true) else {
      trial.expect(false, .lettersApart, "a letter that failed again since it was read is gone")
      return
    }
    trial.expect(try await store.removeDeadLetter(again), .lettersApart, "a letter as it was read is not removed")
    trial.expect(
      try await store.deadLetter("same", withBody: true) == nil, .lettersApart, "a letter that was removed is there")
  }

  /// Keys of work that was done.
  func keys(_ trial: Trial) async throws {
    let store = trial.store
    func expect(_ expected: Bool, _ key: String, in scope: String, _ text: String) async throws {
      let found = try await store.remembers(key, in: scope)
      trial.expect(found == expected, .keysExpire, "\(text): remembered is \(found), expected \(expected)")
    }
    try await expect(false, "a", in: "x", "a key that nobody remembered")
    try await store.remember("a", in: "x", for: .seconds(10))
    try await expect(true, "a", in: "x", "a key")
    try await expect(false, "a", in: "y", "a key of another scope")
    try await expect(false, "b", in: "x", "another key")
    trial.clock.advance(by: .seconds(9))
    try await expect(true, "a", in: "x", "after 9 of 10 seconds")
    try await store.remember("a", in: "x", for: .seconds(10))
    trial.clock.advance(by: .seconds(9))
    try await expect(true, "a", in: "x", "remembered again, after 9 of 10 seconds")
    trial.clock.advance(by: .seconds(2))
    try await expect(false, "a", in: "x", "after 11 of 10 seconds")
    try await store.remember("a", in: "x", for: .seconds(10))
    try await store.remember("a", in: "x", for: .seconds(1))
    trial.clock.advance(by: .seconds(2))
    try await expect(false, "a", in: "x", "for a shorter time than before")
    try await store.remember("a", in: "x", for: .seconds(10))
    try await store.forget("a", in: "x")
    try await store.forget("never", in: "x")
    try await expect(false, "a", in: "x", "a key that was forgotten")
    for (scope, key) in [("a", "bc"), ("ab", "c")] { try await store.remember(key, in: scope, for: .seconds(10)) }
    try await store.forget("bc", in: "a")
    try await expect(true, "c", in: "ab", "scope and key that together read like another's")
  }

  /// Generations of routes.
  func generations(_ trial: Trial) async throws {
    let store = trial.store
    trial.expect(try await store.generations().isEmpty, .generationsNumbered, "there are some before any was kept")
    for number in 1...5 {
      let kept = try await store.keep(generation(number), atMost: 3)
      trial.expect(kept == number, .generationsNumbered, "generation \(number) got the number \(kept)")
    }
    let list = try await store.generations()
    trial.expect(list.map(\.number) == [5, 4, 3], .generationsNumbered, "of 5, at most 3, are \(list.map(\.number))")
    trial.expect(list.allSatisfy(\.files.isEmpty), .generationsNumbered, "the list holds files")
    trial.expect(
      list.first?.reason == "reason 5" && list.first?.routes == ["a", "5"], .generationsNumbered,
      "reason or routes are others")
    var expected = generation(4)
    expected.number = 4
    let found = try await store.generation(4)
    trial.expect(found == expected, .generationsNumbered, "a generation is not what was kept")
    trial.expect(try await store.generation(1) == nil, .generationsNumbered, "the oldest beyond the limit is kept")
    trial.expect(try await store.generation(99) == nil, .generationsNumbered, "one is there that was never kept")
  }

  func generation(_ number: Int) -> StoredGeneration {
    StoredGeneration(
      applied: 1_700_000_000 + Double(number), reason: "reason \(number)", routes: ["a", "\(number)"],
      files: [
        .init(path: "a.yaml", bytes: Array("routes: []\n# ä \(number)\n".utf8)), .init(path: "b/ü.yaml", bytes: []),
      ])
  }
}
