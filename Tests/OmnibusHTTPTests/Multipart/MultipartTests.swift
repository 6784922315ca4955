import Foundation
import Omnibus
import OmnibusHTTP
import Testing

@Suite struct MultipartTests {
  private static let type = "multipart/form-data; boundary=\"x y\""

  /// A form as it is sent, with the line ends that it needs.
  private static let form = """
    preamble\r
    --x y\r
    Content-Disposition: form-data; name="kind"\r
    \r
    report\r
    --x y  \r
    content-disposition: form-data; name="a%22b"; filename="..\\dir/te st.txt"\r
    X-Other: ignored\r
    Content-Type: text/plain; charset=utf-8\r
    \r
    line one\r
    --x\r
    --x y z\r\r
    --x y\r
    Content-Disposition: form-data; name=empty\r
    \r
    \r
    --x y--\r
    epilogue
    """

  private func parts(
    _ text: String, type: String = type, pieces: Int = .max, maxPart: Int = 1000
  ) throws -> [FormPart] {
    var parser = try MultipartParser(contentType: type, maxPart: maxPart)
    var parts: [FormPart] = []
    var left = Array(text.utf8)[...]
    while !left.isEmpty {
      parser.feed(Array(left.prefix(pieces)))
      left = left.dropFirst(pieces)
      while let part = try parser.next() { parts.append(part) }
    }
    try parser.end()
    return parts
  }

  @Test("a form is cut into its fields, however its bytes come in", arguments: [1, 2, 3, 7, 64, .max])
  func parse(pieces: Int) throws {
    // What looks like a boundary in a content must be none: it is followed by something else than a line end.
    let form = Self.form.replacing("--x y z", with: "--x z")
    #expect(
      try parts(form, pieces: pieces) == [
        FormPart(name: "kind", content: Array("report".utf8)),
        FormPart(
          name: "a\"b", filename: "te st.txt", contentType: "text/plain; charset=utf-8",
          content: Array("line one\r\n--x\r\n--x z\r".utf8)),
        FormPart(name: "empty", content: []),
      ])
  }

  @Test("a form without fields, and fields without content, are forms")
  func empty() throws {
    #expect(try parts("--x y--").isEmpty)
    #expect(try parts("--x y\r\nContent-Disposition: form-data; name=a\r\n\r\n--x y--").map(\.name) == ["a"])
  }

  @Test(
    "what is no form is refused, and no value is told",
    arguments: [
      "", "--x y", "--x y\r\n", "--x y\r\n\r\n\r\n--x y--",
      "--x y\r\nContent-Disposition: form-data\r\n\r\n\r\n--x y--",
      "--x y\r\nContent-Disposition: attachment; name=geheim\r\n\r\n\r\n--x y--",
      "--x y\r\nno colon geheim\r\n\r\n\r\n--x y--", "--x ygeheim\r\n\r\n--x y--",
      "--x y\r\nContent-Disposition: form-data; name=a\r\n\r\ngeheim", form,
    ])
  func malformed(text: String) {
    let failure = #expect(throws: Failure.self) { try parts(text) }
    #expect(failure?.kind == .invalid)
    #expect(failure?.reason.contains("geheim") == false)
  }

  @Test(
    "a content type that is no form, or has no boundary, is refused",
    arguments: [
      "text/plain", "multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; boundary=a",
      "multipart/form-data; boundary=\"\(String(repeating: "a", count: 71))\"", "multipart/form-data; boundary=ü",
    ])
  func badType(type: String) {
    #expect(throws: Failure.self) { try parts("--a--", type: type) }
    #expect(throws: Failure.self) { try MultipartParser(contentType: nil, maxPart: 1) }
  }

  @Test("parts, their headers and what stands before them are bounded", arguments: [1, 100, .max])
  func limits(pieces: Int) throws {
    let head = "--x y\r\nContent-Disposition: form-data; name=a\r\n"
    #expect(try parts(head + "\r\n12345\r\n--x y--", pieces: pieces, maxPart: 5).count == 1)
    #expect(throws: Failure.self) { try parts(head + "\r\n123456\r\n--x y--", pieces: pieces, maxPart: 5) }
    #expect(throws: Failure.self) {
      try parts(head + "\r\n" + String(repeating: "1", count: 500), pieces: pieces, maxPart: 5)
    }
    let long = "x: " + String(repeating: "y", count: 9000)
    #expect(throws: Failure.self) { try parts(head + long + "\r\n\r\n1\r\n--x y--", pieces: pieces) }
    #expect(throws: Failure.self) { try parts(String(repeating: "\r\n--x ", count: 2000) + "--x y--", pieces: pieces) }
  }

  @Test("what is written is read as the same, whatever the names hold")
  func roundTrip() throws {
    let names = ["plain", "qu\"ote", "line\r\nbreak", "ünï ☃", "back\\slash;x=y", "percent%41"]
    let form = MultipartForm(
      names.map {
        MultipartForm.Part(name: $0, filename: $0, contentType: "a/b\r\nx: y", content: .bytes(Array("\r\n--".utf8)))
      })
    guard case .bytes(let bytes) = form.content else { throw Failure(.internal, "no bytes") }
    let read = try parts(String(decoding: bytes, as: UTF8.self), type: form.contentType)
    #expect(read.map(\.name) == names)
    #expect(
      read.map(\.filename) == names.map { $0.contains("\r\n") ? "" : $0.split(separator: "\\").last.map(String.init) })
    #expect(read.allSatisfy { $0.contentType == "a/bx: y" && $0.content == Array("\r\n--".utf8) })
  }

  @Test(
    "the name of a file leads nowhere, whatever stands around its separators",
    arguments: [
      ("../\u{301}evil.sh", "\u{301}evil.sh"), ("..\\\u{301}evil.sh", "\u{301}evil.sh"), ("a/..", ""), (".", ""),
      ("a/", "a"), ("a\u{0}.txt", ""), ("a\u{85}b", ""), ("a%0D%0Ab", ""), ("\u{301}a/b", "b"), ("", ""),
    ])
  func hostileNames(sent: String, name: String) throws {
    let form = "--x y\r\nContent-Disposition: form-data; name=a; filename=\"\(sent)\"\r\n\r\n\r\n--x y--"
    let filename = try #require(try parts(form).first?.filename)
    #expect(Array(filename.utf8) == Array(name.utf8))
  }

  @Test(
    "no name can end itself, and line ends are those of forms",
    arguments: [
      ("a\"\u{301}; filename=\"x", "a%22\u{301}; filename=%22x"), ("\\\u{301}\"", "\\\\\u{301}%22"),
      ("a\rb\nc\r\nd\n\r", "a%0D%0Ab%0D%0Ac%0D%0Ad%0D%0A%0D%0A"),
    ])
  func escapes(name: String, written: String) throws {
    guard case .bytes(let bytes) = MultipartForm([.init(name: name, content: .empty)]).content else {
      throw Failure(.internal, "no bytes")
    }
    let expected = "Content-Disposition: form-data; name=\"\(written)\"\r\n\r\n"
    #expect(bytes.firstRange(of: Array(expected.utf8)) != nil)
  }

  @Test("a part that streams makes the form a stream, of known length where that of the part is")
  func stream() async throws {
    for length in [6, nil] {
      let pieces = Pieces([[1, 2, 3], [4, 5, 6]])
      let form = MultipartForm([
        .init(name: "a", content: .bytes([7])),
        .init(name: "b", filename: "f", content: .stream(BodyStream(length: length) { pieces.next() })),
        .init(name: "c", content: .empty),
      ])
      guard case .stream(let stream) = form.content else { throw Failure(.internal, "no stream") }
      let bytes = try await stream.collect(limit: 10_000)
      #expect(stream.length == (length == nil ? nil : bytes.count))
      var parser = try MultipartParser(contentType: form.contentType, maxPart: 10)
      parser.feed(bytes)
      #expect(try parser.next()?.content == [7])
      #expect(try parser.next()?.content == [1, 2, 3, 4, 5, 6])
      #expect(try parser.next()?.content == [])
      try parser.end()
    }
  }

  @Test("another program reads what is written (Python's email)")
  func python() throws {
    let form = MultipartForm([
      .init(name: "kind", content: .bytes(Array("report".utf8))),
      .init(name: "file", filename: "ü\".pdf", contentType: "application/pdf", content: .bytes([0x25, 0x50, 0, 255])),
    ])
    guard case .bytes(let bytes) = form.content else { throw Failure(.internal, "no bytes") }
    let script = """
      import sys, email, email.policy
      head = b"Content-Type: " + sys.argv[1].encode() + b"\\r\\n\\r\\n"
      for part in email.message_from_bytes(head + sys.stdin.buffer.read(), policy=email.policy.HTTP).iter_parts():
          name = part.get_param("name", header="content-disposition")
          print(name, part.get_filename(), part.get_content_type(), part.get_payload(decode=True).hex())
      """
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-c", script, form.contentType]
    let (input, output) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    input.fileHandleForWriting.write(Data(bytes))
    try input.fileHandleForWriting.close()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(text.contains("kind None text/plain 7265706f7274\n"))
    #expect(text.contains("%22.pdf application/pdf 255000ff\n"))
  }
}
