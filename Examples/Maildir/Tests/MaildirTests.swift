import Omnibus
import OmnibusTesting
import Testing

@testable import MaildirPlugin

@Suite struct MaildirTests {
  let folder = TemporaryDirectory()
  let clock = ManualClock()

  @Test("a mail becomes its header fields and its text")
  func parse() async throws {
    let mail = "From: ward@example.org\r\nSubject: Order\r\n 4711\r\n\r\nTwo beds.\r\n"
    let block = try ComponentLoader([omnibusPlugin]).steps([["parse_mail": [:]]])
    var message = Message(body: .bytes(Array(mail.utf8)))
    _ = try await block.run(&message)
    let json = String(decoding: try message.bodyBytes(), as: UTF8.self)
    #expect(json == #"{"headers":{"from":"ward@example.org","subject":"Order 4711"},"text":"Two beds.\r\n"}"#)
  }

  @Test("a mail without a header field is refused")
  func broken() async throws {
    let block = try ComponentLoader([omnibusPlugin]).steps([["parse_mail": [:]]])
    var message = Message(body: .bytes(Array("no field".utf8)))
    await #expect(throws: Failure.self) { _ = try await block.run(&message) }
  }

  @Test("the transformer keeps what transformers promise, whatever bytes come")
  func conformance() async {
    let mails = ["Subject: Order\r\n\r\nTwo beds.\r\n", "a:1\na:2\n b\n", ""]
    await Conformance.transformer(
      "parse_mail", of: omnibusPlugin, samples: mails.map { Message(body: .bytes(Array($0.utf8))) },
      produces: "application/json",
      growing: { Message(body: .bytes(Array("a: b\n\n".utf8) + [UInt8](repeating: 10, count: $0))) })
  }

  @Test("what is delivered is new mail, and nothing is left in tmp")
  func deliver() async throws {
    let block = try ComponentLoader([omnibusPlugin]).steps([["to": ["maildir": ["directory": "\(folder.path)"]]]])
    var message = Message(body: .bytes(Array("Hello".utf8)))
    _ = try await block.run(&message)
    let maildir = Maildir(folder.path, .testing())
    let names = try maildir.newNames()
    #expect(names.count == 1)
    #expect(folder.text("new/\(names[0])") == "Hello")
    #expect(TemporaryDirectory.names("\(folder.path)/tmp").isEmpty)
  }

  @Test("mail that was worked on is seen, mail that is refused is flagged, and mail that may come again stays")
  func settle() async throws {
    for name in ["1.good", "2.bad", "3.later"] { folder.write("new/\(name)", name) }
    let context = Context.testing(clock: clock)
    let made = try ComponentLoader([omnibusPlugin], context: context)
      .make(.source, "maildir", ["directory": "\(folder.path)"])
    guard case .source(let source) = made else { throw Failure(.internal, "expected a source") }
    try await source.prepare()
    let stop = StopSignal()
    let task = Task {
      try await source.run(
        .testing(context: context, stop: stop) { message in
          let text = String(decoding: try message.bodyBytes(), as: UTF8.self)
          if text == "2.bad" { throw Failure(.invalid, "it is bad") }
          if text == "3.later" { throw Failure(.unavailable, "not now") }
          return .next
        })
    }
    await clock.waitForTimers()
    #expect(TemporaryDirectory.names("\(folder.path)/cur") == ["1.good:2,S", "2.bad:2,F"])
    #expect(TemporaryDirectory.names("\(folder.path)/new") == ["3.later"])
    stop.signal()
    try await task.value
  }
}
