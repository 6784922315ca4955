import OmnibusXML
import Testing

@Suite("Writing XML") struct XMLWriterTests {
  @Test("what is written reads as the same")
  func roundTrip() throws {
    let texts = ["", "a & b < c > d \"e\" 'f'", "]]>", " tab\t line\r\n end ", "é 𝄞 \u{FFFD}", "&amp;#38;"]
    for text in texts {
      var writer = XMLWriter()
      writer.start("a", [("xmlns", "urn:x"), ("b", text)])
      writer.element("c", text)
      writer.start("d")
      writer.text(text)
      writer.end()
      writer.end()
      let root = try XMLDocument(parsing: writer.bytes).root
      #expect(root.namespace == "urn:x")
      #expect(root.attribute("b") == text)
      #expect(root["c"]?.text == text)
      #expect(root["d"]?.text == text)
    }
  }

  @Test("characters that no document can hold are replaced")
  func controls() throws {
    var writer = XMLWriter()
    writer.element("a", "1\u{0}2\u{1F}3\u{FFFE}4\u{FFFF}")
    #expect(try XMLDocument(parsing: writer.bytes).root.text == "1\u{FFFD}2\u{FFFD}3\u{FFFD}4\u{FFFD}")
  }

  @Test("text is escaped, and names are closed in order")
  func text() {
    var writer = XMLWriter()
    writer.start("a")
    writer.element("b", "<&>\"")
    writer.end()
    writer.end()
    #expect(String(decoding: writer.bytes, as: UTF8.self) == "<a><b>&lt;&amp;&gt;&quot;</b></a>")
  }
}
