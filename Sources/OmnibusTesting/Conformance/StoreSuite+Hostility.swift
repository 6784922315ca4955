internal import Omnibus
internal import OmnibusStore

extension StoreSuite {
  /// Names that nobody gives who means well: each is kept apart from the others, or refused as invalid.
  func hostileNames(_ trial: Trial) async throws {
    let names = [
      "a", "A", "a ", "a\0", "a\0b", "", "'; DROP TABLE queue; --", "../../etc/passwd", "%", "_", "ä", "🏥",
      String(repeating: "n", count: 10_000), "a/b", "\n", "\u{202E}a",
    ]
    var accepted: [(place: Int, name: String)] = []
    for (place, name) in names.enumerated() {
      do {
        try await trial.append([place], to: name)
        accepted.append((place, name))
      } catch {
        let kind = Failure(error).kind
        trial.expect(kind == .invalid, .keptWhole, "a queue with a strange name fails as \(kind.rawValue)")
      }
    }
    for (place, name) in accepted {
      let came = try await trial.lease(for: 1000, from: name)
      trial.expect(
        came.numbers == [place], .firstInFirstOut, "from the queue with strange name \(place) came \(came.numbers)")
    }
    for (place, key) in names.enumerated() { try await trial.append([place, 100 + place], key: key, to: "keyed") }
    let came = try await trial.lease(for: 1000, from: "keyed")
    trial.expect(
      came.numbers == Array(names.indices), .othersPass, "of \(names.count) strange order keys came \(came.numbers)")
    for (place, key) in names.enumerated() {
      try await trial.store.remember(key, in: "x", for: .seconds(place % 2 == 0 ? 10 : 1000))
      try await trial.store.keep(trial.letter("l\(key)", route: key))
    }
    trial.clock.advance(by: .seconds(11))
    for (place, key) in names.enumerated() {
      trial.expect(
        try await trial.store.remembers(key, in: "x") == (place % 2 == 1), .keysExpire,
        "strange key \(place) is another")
      trial.expect(
        try await trial.store.deadLetter("l\(key)", withBody: true)?.route.utf8.elementsEqual(key.utf8) == true,
        .lettersListed,
        "the letter with strange id \(place) is another")
    }
  }

  /// Bodies and headers that nobody sends who means well.
  func hostileBodies(_ trial: Trial) async throws {
    let large = (0..<(4 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    for (name, body) in HostileBodies.all + [("4 MiB", .bytes(large))] {
      var sent = Secret.message(body, contentType: nil)
      sent.headers.append("", "no name")
      sent.headers.append("x\0y", "a\0b\r\nc: d")
      if case .empty = body { sent.headers.append("x-large", String(repeating: "ü", count: 1 << 19)) }
      try await trial.store.append(QueueEntry(sent), to: Trial.queue)
      let lease = try await trial.one()
      let came = lease.message
      trial.expect(try came.bodyBytes() == sent.bodyBytes(), .keptWhole, "\(name): the body is another")
      if case .empty = body {
        let isEmpty = if case .empty = came.body { true } else { false }
        trial.expect(isEmpty, .keptWhole, "no body comes back as a body of no bytes")
      } else {
        let isBytes = if case .bytes = came.body { true } else { false }
        trial.expect(isBytes, .keptWhole, "\(name): does not come back as bytes")
      }
      let isSame = zip(came.headers, sent.headers).allSatisfy { come, send in
        come.name.utf8.elementsEqual(send.name.utf8) && come.value.utf8.elementsEqual(send.value.utf8)
      }
      trial.expect(isSame && came.headers.count == sent.headers.count, .keptWhole, "\(name): headers are others")
      _ = try await trial.store.acknowledge(lease)
    }
    let part = MessageID().part(3).part(17)
    try await trial.store.append(QueueEntry(Message(id: part)), to: Trial.queue)
    let came = try await trial.one().message.id
    trial.expect(came.description == part.description, .keptWhole, "the id of a part of a part is another")
    let counts: [Int] = [0, -1, .min]
    for count in counts {
      let none = try await trial.lease(count)
      trial.expect(none.isEmpty, .leasedOnce, "\(none.count) messages are leased where \(count) were asked for")
    }
  }
}
