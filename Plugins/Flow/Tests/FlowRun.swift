import Omnibus
import OmnibusTesting

@testable import FlowPlugin

/// Runs lists of steps as a route would, with one more: `note` keeps the body and what `note` says of the message.
struct FlowRun {
  let clock = ManualClock()
  let log = LogRecorder()
  let noted = Recorder<Message>()

  static let json = Formats([
    Format(name: "json", mediaTypes: ["application/json"]) { bytes throws(Failure) in try JSONDocument(parsing: bytes) }
  ])

  static let lines = Plugin(
    name: "lines", version: "1",
    components: [
      .splitter("lines", "Lines.", NoOptions.self) { _, _ in Lines() },
      .destination("sink", "Takes messages.", NoOptions.self, answers: false) { _, _ in Sink() },
    ])

  var loader: ComponentLoader {
    ComponentLoader(
      [.flow, Self.lines],
      context: .testing(clock: clock, formats: Self.json, log: log),
      steps: [
        "note": { [noted] message in
          noted.append(message)
          return .next
        }
      ])
  }

  /// The message after the steps, and what the last of them answered.
  @discardableResult
  func run(_ steps: Configuration, _ message: Message = Message()) async throws -> (message: Message, next: Next) {
    var message = message
    let next = try await loader.steps(steps).run(&message)
    return (message, next)
  }

  /// The failure of the steps; nil where they succeed.
  func failure(_ steps: Configuration, _ message: Message = Message()) async -> Failure? {
    do {
      try await run(steps, message)
      return nil
    } catch {
      return Failure(error)
    }
  }

  /// What is wrong with the steps.
  func problems(_ steps: Configuration) -> [String] {
    do throws(Diagnostics) {
      _ = try loader.steps(steps)
      return []
    } catch {
      return error.all.map { "\($0.code): \($0.message)" }
    }
  }
}

extension Message {
  /// A message with a JSON body that is not yet decoded.
  static func json(_ text: String) -> Message {
    Message(headers: ["content-type": "application/json"], body: .bytes(Array(text.utf8)))
  }

  /// The body as text.
  var text: String { (try? bodyBytes()).map { String(decoding: $0, as: UTF8.self) } ?? "a stream" }
}

/// Takes messages, and answers nothing.
private struct Sink: Step {
  func process(_ message: inout Message, _ context: Context) async throws -> Next { .next }
}

/// Cuts at line breaks; a line that starts with `!` is bad.
private struct Lines: Splitter {
  func parts(of body: Body, headers: Headers, _ context: Context) throws(Failure) -> any PartReader {
    switch body {
    case .bytes(let bytes):
      return Reader(lines: bytes.split(separator: UInt8(ascii: "\n")).map(Array.init))
    case .stream(let stream):
      return Reader(lines: [], stream: stream)
    default: throw Failure(.invalid, "there are no lines")
    }
  }

  private struct Reader: PartReader {
    var lines: [[UInt8]]
    var stream: BodyStream?
    var number = 0

    mutating func refill() async throws -> Bool {
      guard let piece = try await stream?.next() else { return false }
      lines += piece.split(separator: UInt8(ascii: "\n")).map(Array.init)
      return true
    }

    mutating func nextReady() -> Part? {
      guard number < lines.count else { return nil }
      let line = lines[number]
      number += 1
      guard line.first == UInt8(ascii: "!") else {
        let text = String(decoding: line, as: UTF8.self)
        return Part(.document(JSONDocument(.string(text))), number: number, line: number + 1)
      }
      let failure = Failure(
        .invalid, "the line is bad", problems: [Failure.Problem("starts with a mark", place: "column 1")])
      return Part(.bad(failure, source: line), number: number, line: number + 1)
    }
  }
}
