import Omnibus
import OmnibusHTTP
import Testing

@Suite struct FieldTests {
  @Test("retry-after is seconds or a date")
  func retryAfter() {
    #expect(RetryAfter.duration("120", now: 0) == .seconds(120))
    #expect(RetryAfter.duration("99999999999999999999", now: 0) == .seconds(86_400))
    #expect(RetryAfter.duration("Sun, 06 Nov 1994 08:49:37 GMT", now: 784_111_770) == .seconds(7))
    #expect(RetryAfter.duration("Sun, 06 Nov 1994 08:49:37 GMT", now: 784_111_800) == .zero)
    for bad in ["", "-1", "1.5", "soon", "Sun, 06 Nov 1994 08:49:37", "Sun, 40 Nov 1994 08:49:37 GMT", "x x x x x x"] {
      #expect(RetryAfter.duration(bad, now: 0) == nil)
    }
  }

  @Test("dates come in three forms")
  func dates() {
    let now = 784_111_777.0
    for text in [
      "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
    ] {
      #expect(HTTPTimestamp.seconds(text, now: now) == 784_111_777, "\(text)")
    }
    #expect(HTTPTimestamp.seconds("Saturday, 06-Nov-99 08:49:37 GMT", now: 1_700_000_000) == 941_878_177)
    #expect(HTTPTimestamp.text(784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
    #expect(HTTPTimestamp.text(1_709_164_800) == "Thu, 29 Feb 2024 00:00:00 GMT")
    for bad in [
      "Sun, 31 Feb 2024 00:00:00 GMT", "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:49:37 CET",
      "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 8:49:37 GMT",
      "Sun, 06 Nov 1994 +8:49:37 GMT", "", "    ", "Sun, 06 Nov 99999 08:49:37 GMT",
    ] {
      #expect(HTTPTimestamp.seconds(bad, now: now) == nil, "\(bad)")
    }
  }

  @Test("the elements of a list have parameters and weights")
  func elements() throws {
    let list = FieldElement.list(#" text/html;level=1;q=0.5 , "a,b" ; Q=1.0,, x/y; name="s;t\"u" ;q=0 ,"#)
    #expect(list.map(\.value) == ["text/html", #""a,b""#, "x/y"])
    #expect(list.map(\.weight) == [500, 1000, 0])
    #expect(list[0]["level"] == "1")
    #expect(list[2]["name"] == #"s;t"u"#)
    #expect(FieldElement("") == nil)
    #expect(FieldElement(#"x; name="unclosed"#)?["name"] == #""unclosed"#)
  }

  @Test(
    "a weight has three digits at most, and is no more than 1",
    arguments: [
      ("0", 0), ("0.", 0), ("0.001", 1), ("0.25", 250), ("1", 1000), ("1.000", 1000), ("1.001", nil), ("0.0001", nil),
      ("2", nil), ("", nil), ("-1", nil), ("nan", nil), (".5", nil),
    ] as [(String, Int?)])
  func weight(text: String, weight: Int?) {
    #expect(FieldElement.list("a;q=\(text)").first?.weight == weight)
  }
}
