public import Omnibus
public import Testing

extension Conformance {
  /// Puts the splitter `name` of `plugin` through its suite. `samples` are bodies that it cuts into parts, each of at least
  /// two; `header` is what a body starts with, `repeated` what may come then again and again, `footer` what it ends with.
  public static func splitter(
    _ name: String, of plugin: Plugin, beside plugins: [Plugin] = [], options: Configuration = [:],
    samples: [[UInt8]], header: [UInt8] = [], repeated: [UInt8], footer: [UInt8] = [],
    contentType: String? = nil, at place: SourceLocation = #_sourceLocation
  ) async {
    let suite = SplitterSuite(
      name: name, plugins: [plugin] + plugins, options: options, samples: samples, header: header, repeated: repeated,
      footer: footer, contentType: contentType)
    report(await Turns.take { await suite.run() }, at: place)
  }
}

/// What every splitter is put through.
struct SplitterSuite {
  /// The parts of a body, and what reading them ended with.
  struct Cut: Equatable {
    var parts: [String] = []
    var numbers: [Int] = []
    var lines: [Int] = []
    var failure: Failure.Kind?
  }

  let name: String
  let plugins: [Plugin]
  let options: Configuration
  let samples: [[UInt8]]
  let header: [UInt8]
  let repeated: [UInt8]
  let footer: [UInt8]
  let contentType: String?
  let findings = Recorder<Finding>()

  /// Runs all checks, and gives what they found.
  func run() async -> [Finding] {
    await check("samples", cuts)
    guard findings.all.isEmpty else { return findings.all }
    await check("hostile bodies", hostileBodies)
    await check("a stream that breaks", brokenStream)
    await check("a stream without end", endless)
    await check("a large body", large)
    await check("time", time)
    return findings.all
  }

  private func check(_ name: String, _ body: (Examination) async throws -> Void) async {
    let examination = Examination("splitter", self.name, plugins, findings)
    await examination.check(name) { try await body(examination) }
  }

  func splitter(_ examination: Examination) throws -> any Splitter {
    guard case .splitter(let splitter) = try examination.loader().make(.splitter, name, options) else {
      throw Failure(.internal, "\(name) is no splitter")
    }
    return splitter
  }

  func reader(_ splitter: any Splitter, _ body: Body, _ examination: Examination) throws(Failure) -> any PartReader {
    var headers = Headers()
    headers["content-type"] = contentType
    return try splitter.parts(of: body, headers: headers, examination.context)
  }

  /// All parts of a body.
  func cut(_ splitter: any Splitter, _ body: Body, _ examination: Examination) async -> Cut {
    var cut = Cut()
    do {
      var reader = try reader(splitter, body, examination)
      while let part = try await reader.next() {
        cut.numbers.append(part.number)
        if let line = part.line { cut.lines.append(line) }
        switch part.content {
        case .document(let document): cut.parts.append(String(decoding: try document.serialize(), as: UTF8.self))
        case .bad(let failure, let source):
          examination.expect(
            failure.kind == .invalid, .badPartsAreParts, "a bad part is \(failure.kind.rawValue), expected invalid")
          examination.expectNoPayload(failure, "a bad part")
          cut.parts.append("bad: \(FailureText.of(failure)) \(source)")
        }
      }
    } catch {
      cut.failure = Failure(error).kind
      examination.expectNoPayload(error, "a body")
    }
    return cut
  }

  /// The samples, as bytes and as streams of pieces of many sizes.
  private func cuts(_ examination: Examination) async throws {
    let splitter = try splitter(examination)
    for (number, sample) in samples.enumerated() {
      let whole = await cut(splitter, .bytes(sample), examination)
      examination.expect(
        whole.failure == nil && whole.parts.count > 1, .works,
        "sample \(number + 1) has \(whole.parts.count) parts, and ends with \(whole.failure?.rawValue ?? "no failure")")
      expectNumbered(whole, examination)
      for size in [1, 2, 3, 5, 7, 16, 61, 4096] {
        let pieces = stride(from: 0, to: sample.count, by: size).map {
          Array(sample[$0..<min($0 + size, sample.count)])
        }
        let streamed = await cut(splitter, .stream(PieceSource(pieces).stream()), examination)
        examination.expect(
          streamed == whole, .sameParts,
          "sample \(number + 1) has \(whole.parts.count) parts, and other \(streamed.parts.count) in pieces of \(size)")
      }
    }
  }

  private func expectNumbered(_ cut: Cut, _ examination: Examination) {
    examination.expect(
      cut.numbers == Array(1..<(cut.numbers.count + 1)), .numbered, "numbers begin \(cut.numbers.prefix(5))")
    examination.expect(cut.lines == cut.lines.sorted(), .numbered, "lines go back")
  }

  /// Bodies that nobody sends who means well, whole and in pieces.
  private func hostileBodies(_ examination: Examination) async throws {
    let splitter = try splitter(examination)
    for (name, body) in HostileBodies.all {
      let whole = await cut(splitter, body, examination)
      examination.expect(
        whole.failure == nil || whole.failure == .invalid, .badPartsAreParts,
        "a body that is \(name) fails as \(whole.failure?.rawValue ?? "")")
      expectNumbered(whole, examination)
      guard case .bytes(let bytes) = body else { continue }
      let pieces = stride(from: 0, to: bytes.count, by: 997).map { Array(bytes[$0..<min($0 + 997, bytes.count)]) }
      let streamed = await cut(splitter, .stream(PieceSource(pieces).stream()), examination)
      examination.expect(streamed == whole, .sameParts, "a body that is \(name) has other parts in pieces of 997")
    }
  }
}
