import Omnibus
import Testing

struct TraceContextTests {
  private static let trace = "0af7651916cd43dd8448eb211c80319c"
  private static let span = "b7ad6b7169203331"
  private static let good = "00-\(trace)-\(span)-01"

  @Test func `a context is read, and written as it was`() throws {
    let context = try #require(
      TraceContext(["traceparent": Self.good, "tracestate": "rojo=00f067aa0ba902b7,congo=t61"]))
    #expect("\(context.traceID)" == Self.trace)
    #expect("\(context.spanID)" == Self.span)
    #expect(context.isSampled)
    var headers: Headers = ["TraceParent": "old", "other": "kept"]
    context.write(to: &headers)
    #expect(headers.values("traceparent") == [Self.good])
    #expect(headers["tracestate"] == "rojo=00f067aa0ba902b7,congo=t61")
    #expect(headers["other"] == "kept")
  }

  @Test(arguments: [
    ("00", false), ("01", true), ("02", false), ("03", true), ("ff", true), ("fe", false),
  ])
  func `of the flags the lowest bit says whether it is sampled`(flags: String, isSampled: Bool) throws {
    let context = try #require(TraceContext(["traceparent": "00-\(Self.trace)-\(Self.span)-\(flags)"]))
    #expect(context.isSampled == isSampled)
    #expect(context.parent.hasSuffix(isSampled ? "-01" : "-00"))
  }

  @Test(arguments: [
    "01-\(trace)-\(span)-01", "cc-\(trace)-\(span)-01-what-the-future-will-be-like", "fe-\(trace)-\(span)-01-",
  ])
  func `of a later version that is read which this one knows, and version 00 is written`(value: String) throws {
    #expect(try #require(TraceContext(["traceparent": value])).parent == Self.good)
  }

  @Test(arguments: [
    "", "-", "00", "00-", good + "-", good + "-extra", good + "x", " " + good, good + " ", String(good.dropLast()),
    String(good.dropFirst()), "ff-\(trace)-\(span)-01", "01-\(trace)-\(span)-01x", "0-\(trace)-\(span)-01",
    "000-\(trace)-\(span)-01", "0g-\(trace)-\(span)-01", "00-\(trace.uppercased())-\(span)-01",
    "00-\(trace)-\(span.uppercased())-01", "00-00000000000000000000000000000000-\(span)-01",
    "00-\(trace)-0000000000000000-01", "00-\(trace)x-\(span)-01", "00-\(trace.dropLast())-\(span)-01",
    "00-\(trace.dropLast())z-\(span)-01", "00-\(trace)-\(span.dropLast())-01", "00-\(trace)-\(span)0-01",
    "00-\(trace)-\(span)-1", "00-\(trace)-\(span)-0x", "00-\(trace)-\(span)-0A", "00_\(trace)_\(span)_01",
    "00-\(trace)-\(span)-01,00-\(trace)-\(span)-01", "00-\(trace)-\u{FF11}7ad6b7169203-01", "\u{0}" + good,
    String(repeating: "0", count: 55), String(repeating: "-", count: 55), String(repeating: "a", count: 100_000),
  ])
  func `what is malformed is no context`(value: String) {
    #expect(TraceContext(["traceparent": value]) == nil)
  }

  @Test func `two contexts are none, and so is a state by itself`() {
    #expect(TraceContext(["traceparent": Self.good, "Traceparent": Self.good]) == nil)
    #expect(TraceContext(["tracestate": "a=1"]) == nil)
    #expect(TraceContext([:]) == nil)
  }

  @Test(arguments: [
    (["a=1"], "a=1"), (["a=1", "b=2"], "a=1,b=2"), ([" a=1 ,\t, b=2,"], "a=1,b=2"), ([""], ""),
    (["0fw@sys=x y", "a/b*c-d_e=!~"].map { $0 }, "0fw@sys=x y,a/b*c-d_e=!~"),
    ([(0..<32).map { "k\($0)=v" }.joined(separator: ",")], (0..<32).map { "k\($0)=v" }.joined(separator: ",")),
    (["\(String(repeating: "k", count: 256))=v"], "\(String(repeating: "k", count: 256))=v"),
  ])
  func `a state is handed along in order, those of several fields as one`(fields: [String], state: String) throws {
    #expect(try context(fields).state == state)
  }

  @Test(arguments: [
    ["a"], ["=1"], ["a="], ["a=1,a=2"], ["a=1", "a=2"], ["A=1"], ["0a=1"], ["a=b=c"], ["a=1;b=2", "é=1"], ["a=\u{7F}"],
    ["a b=1"], ["a =1"], ["a@b@c=1"], ["@s=1"], ["t@=1"], ["t@0s=1"], ["t@abcdefghijklmno=1"],
    ["\(String(repeating: "k", count: 257))=v"], ["k=\(String(repeating: "v", count: 257))"],
    [(0..<33).map { "k\($0)=v" }.joined(separator: ",")], [String(repeating: "a=1,", count: 10_000)],
  ])
  func `a state that is malformed is left out, and the parent is not`(fields: [String]) throws {
    #expect(try context(fields).state == "")
  }

  @Test func `bytes that are anything never make a context of what is not one, nor end the program`() {
    var generator = SystemRandomNumberGenerator()
    let alphabet = Array("0123456789abcdefABCDEFgz- ,=\t".unicodeScalars)
    for _ in 0..<20_000 {
      var characters = Array(Self.good.unicodeScalars)
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        characters[Int.random(in: 0..<55, using: &generator)] = alphabet.randomElement(using: &generator) ?? "0"
      }
      let text = String(String.UnicodeScalarView(characters))
      guard let context = TraceContext(["traceparent": text]) else { continue }
      #expect("\(context.traceID)" == text.dropFirst(3).prefix(32))
      #expect("\(context.spanID)" == text.dropFirst(36).prefix(16))
    }
  }

  private func context(_ states: [String]) throws -> TraceContext {
    var headers: Headers = ["traceparent": Self.good]
    for state in states { headers.append("tracestate", state) }
    return try #require(TraceContext(headers))
  }
}
