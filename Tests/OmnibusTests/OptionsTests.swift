import OmnibusTesting
import Testing

@testable import Omnibus

@Suite("options")
struct OptionsTests {
  struct Sample: Options {
    @Option(help: "required") var name: String
    @Option(help: "bounded", range: 1...10) var count: Int = 3
    @Option(help: "nested") var nested: Nested = Nested()
    @Option(help: "a list") var sizes: [ByteSize] = []
    @Option(help: "named otherwise", name: "else") var other: Bool = false
    @Option(help: "may be absent") var rate: Rate? = nil
  }

  struct Nested: Options {
    @Option(help: "how long") var waitTime: Duration = .milliseconds(250)
  }

  struct Grouped: Options {
    @Option(help: "its own") var name: String
    var shared = Shared()
    @Option(help: "behind the group") var last: Int = 1
  }

  struct Shared: Options {
    @Option(help: "shared") var region: String? = nil
    @Option(help: "shared and required") var host: String
  }

  let loader = ComponentLoader([])

  private func problems(_ configuration: Configuration) -> [String] {
    do {
      _ = try loader.option(Sample.self, configuration)
      return []
    } catch {
      return error.all.map { "\($0.code): \($0.message)" }
    }
  }

  @Test("what is not written has its default")
  func defaults() throws {
    let options = try loader.option(Sample.self, ["name": "a"])
    #expect(options.name == "a")
    #expect(options.count == 3)
    #expect(options.nested.waitTime == .milliseconds(250))
    #expect(options.rate == nil)
  }

  @Test("names are those of the properties in snake case, unless they say otherwise")
  func names() throws {
    let options = try loader.option(Sample.self, ["name": "a", "nested": ["wait_time": "2h"], "else": true])
    #expect(options.nested.waitTime == .seconds(7200))
    #expect(options.other)
  }

  @Test("two decodings do not share anything")
  func independence() throws {
    let one = try loader.option(Sample.self, ["name": "a", "count": 4])
    let two = try loader.option(Sample.self, ["name": "b"])
    #expect(one.count == 4)
    #expect(two.count == 3)
  }

  @Test("the options of a group stand among the others")
  func group() throws {
    let options = try loader.option(Grouped.self, ["host": "h", "name": "a", "last": 2, "region": "r"])
    #expect(options.name == "a" && options.shared.host == "h" && options.shared.region == "r" && options.last == 2)
    guard case .fields(let fields) = Grouped.shape else { return #expect(Bool(false), "expected fields") }
    #expect(fields.map(\.name) == ["name", "region", "host", "last"])
    #expect(throws: Diagnostics.self) { try loader.option(Grouped.self, ["name": "a"]) }
    let other = try loader.option(Grouped.self, ["host": "i", "name": "b"])
    #expect(other.shared.region == nil && options.shared.host == "h")
  }

  @Test("all problems are told at once")
  func allProblems() {
    #expect(
      problems(["cont": 3, "count": 11, "nested": ["wait_time": "1w"], "sizes": ["1KiB", "1KB"], "rate": "5"]) == [
        "unknown-option: test has no option \"cont\"; did you mean \"count\"?",
        "invalid-option: test: count is out of range",
        "bad-duration: test.nested.wait_time takes a duration such as 10s, found \"1w\"",
        "bad-size: test.sizes takes a size such as 64KiB, found \"1KB\"",
        "bad-rate: test.rate takes a rate such as 100/s, found \"5\"",
        "missing-option: test needs the option \"name\"",
      ])
  }

  @Test("a misspelt option is not also missing")
  func misspelt() {
    #expect(problems(["nam": "a"]) == ["unknown-option: test has no option \"nam\"; did you mean \"name\"?"])
  }

  @Test(
    "quantities are whole numbers with a unit, and refused when they overflow",
    arguments: [
      ("0ms", Duration.zero), ("250ms", .milliseconds(250)), ("10s", .seconds(10)), ("2h", .seconds(7200)),
      ("-1s", nil), ("1.5s", nil), ("10 s", nil), ("s", nil), ("", nil), ("9223372036854775807h", nil),
      ("99999999999999999999s", nil), ("１０s", nil),
    ] as [(String, Duration?)])
  func durations(_ text: String, _ expected: Duration?) {
    #expect((try? loader.option(Duration.self, "\(text)")) == expected)
  }

  @Test("sizes count in powers of 1,024")
  func sizes() throws {
    #expect(try loader.option(ByteSize.self, "10MiB").bytes == 10_485_760)
    #expect(ByteSize(bytes: 10_485_760).description == "10MiB")
    #expect(ByteSize(bytes: 1025).description == "1025B")
    #expect((try? loader.option(ByteSize.self, "9999999999TiB")) == nil)
  }

  @Test("a rate is a number a second, a minute or an hour")
  func rates() throws {
    #expect(try loader.option(Rate.self, "5/m") == Rate(count: 5, per: .seconds(60)))
    #expect((try? loader.option(Rate.self, "0/s")) == nil)
    #expect((try? loader.option(Rate.self, "5/d")) == nil)
    // What editors take is what is read.
    guard case .scalar(_, _, .pattern(let pattern)) = Rate.shape else {
      Issue.record("a rate has no pattern")
      return
    }
    for (text, isTaken) in [("5/m", true), ("100/s", true), ("0/s", false), ("00/h", false), ("5/d", false)] {
      #expect((try Regex(pattern).firstMatch(in: text) != nil) == isTaken, "\(text)")
    }
  }

  @Test("durations are described as they are written")
  func durationText() {
    #expect(Duration.milliseconds(250).text == "250ms")
    #expect(Duration.seconds(90).text == "90s")
    #expect(Duration.seconds(7200).text == "2h")
    #expect(Duration.zero.text == "0ms")
  }

  @Test("the nearest name is at most a third of its length away")
  func nearest() {
    #expect(NearestName.of("urll", among: ["url", "path"]) == "url")
    #expect(NearestName.of("pahts", among: ["url", "path"]) == "path")
    #expect(NearestName.of("nothing", among: ["url", "path"]) == nil)
    #expect(NearestName.of("", among: ["url"]) == nil)
  }
}
