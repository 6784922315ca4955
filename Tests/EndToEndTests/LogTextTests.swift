import Testing

@testable import omnibus

@Suite("log lines as text") struct LogTextTests {
  @Test(
    "control characters are escaped",
    arguments: [
      ("a\nb", #"a\nb"#), ("a\r\n\tb", #"a\r\n\tb"#), ("\u{1b}[2J", #"\u{1b}[2J"#), ("\0", #"\u{0}"#),
      ("\u{7f}\u{9b}", #"\u{7f}\u{9b}"#),
      ("\u{2028}", #"\u{2028}"#), ("ä = \"b\"", "ä = \"b\""),
    ])
  func line(_ text: String, _ expected: String) { #expect(LogText.line(text) == expected) }

  @Test(
    "a value that would end its field is quoted",
    arguments: [
      ("a", "a"), ("äöü-1/2", "äöü-1/2"), ("", #""""#), ("a b", #""a b""#), ("a=b", #""a=b""#), ("a\"b", #""a\"b""#),
      ("a\\b", #""a\\b""#), ("a\nb level=error", #""a\nb level=error""#),
    ])
  func value(_ text: String, _ expected: String) { #expect(LogText.value(text) == expected) }
}
