import OmnibusXML
import Testing

@Suite("XML documents") struct XMLDocumentTests {
  @Test("elements, attributes, namespaces and text are read")
  func read() throws {
    let root = try parse(
      #"""
      <?xml version="1.0" encoding="UTF-8"?>
      <s:Envelope xmlns:s="urn:soap" xmlns="urn:own" s:role="a &amp; b" id='1 &lt; 2 "&#38;"'>
        <!-- not kept --><?nor this?>
        <Body>one <b>two</b><![CDATA[ <three> ]]>&#xE9;</Body><Body xmlns="">four</Body>
      </s:Envelope>
      """#)
    #expect(root.name == "Envelope" && root.namespace == "urn:soap")
    #expect(root.attribute("role", namespace: "urn:soap") == "a & b")
    #expect(root.attribute("id") == #"1 < 2 "&""#)
    #expect(root.attribute("role") == nil && root.attribute("xmlns") == nil)
    #expect(Array(root.children.map(\.name)) == ["Body", "Body"])
    #expect(root["Body"]?.namespace == "urn:own")
    #expect(root["Body"]?.text == "one  <three> é")
    #expect(root["Body"]?["b"]?.text == "two")
    #expect(root["Body"]?["c"] == nil)
    #expect(root.children("Body", namespace: "").map(\.text).isEmpty)
    #expect(root.children("Body").filter { $0.namespace == nil }.map(\.text) == ["four"])
    #expect(root.children("Body", namespace: "urn:own").map(\.text).count == 1)
  }

  @Test("an element is found however deep it lies, the first in the document's order")
  func descendants() throws {
    let root = try parse("<a><b><c>1</c></b><c>2</c><d><e/></d></a>")
    #expect(root.descendant("c")?.text == "1" && root.descendant("e")?.name == "e")
    #expect(root.descendant("a") == nil && root.descendant("f") == nil)
  }

  @Test("an escaped ampersand of an attribute is read once, and no more")
  func ampersands() throws {
    let root = try parse(#"<a x="&amp;#38;lt; &#38;amp; &amp;&amp;"/>"#)
    #expect(root.attribute("x") == "&#38;lt; &amp; &&")
  }

  @Test("a document in another encoding is read as it declares")
  func encoding() throws {
    let head = Array(#"<?xml version="1.0" encoding="ISO-8859-1"?><a>"#.utf8)
    #expect(try XMLDocument(parsing: head + [0xE9] + Array("</a>".utf8)).root.text == "é")
    let utf16: [UInt8] = [0xFF, 0xFE] + "<a>é</a>".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    #expect(try XMLDocument(parsing: utf16).root.text == "é")
  }

  @Test("text of some megabytes comes whole, also in many pieces")
  func largeText() throws {
    let text = String(repeating: "a &lt; b, ", count: 300_000)
    #expect(try parse("<a>\(text)</a>").text == text.replacing("&lt;", with: "<"))
  }

  @Test(
    "a document type declaration is refused at once, whatever it declares",
    arguments: [
      "<!DOCTYPE a><a/>",
      #"<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>"#,
      #"<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>"#,
      #"<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:1/x.dtd"> %x;]><a/>"#,
      #"<!DOCTYPE a [<!ENTITY l0 "ha"><!ENTITY l1 "&l0;&l0;&l0;"><!ENTITY l2 "&l1;&l1;&l1;">]><a>&l2;</a>"#,
      #"<!DOCTYPE a [<!ATTLIST a b CDATA "c">]><a/>"#,
    ])
  func documentType(text: String) { #expect(problem(text) == .documentType) }

  @Test(
    "what is no well-formed document is refused",
    arguments: [
      "", " ", "a", "<", "<a", "<a>", "<a><b></a></b>", "<a/><b/>", "<a>&x;</a>", "<a>&#0;</a>", "<a x='1' x='2'/>",
      "<a x=1/>", "<p:a/>", "<a xmlns:p='u' xmlns:q='u' p:x='1' q:x='2'/>", "<a>]]></a>", "<a>\u{1}</a>", "<a/>b",
      "<a b='<'/>", "<?xml version='1.0'?><?xml version='1.0'?><a/>", "<a><![CDATA[</a>", "<a/><!--",
    ])
  func malformed(text: String) { #expect(problem(text) == .malformed) }

  @Test("bytes that are no UTF-8 are refused", arguments: [[0xC3, 0x28], [0xFF], [0xED, 0xA0, 0x80], [0xC0, 0x80]])
  func invalidUTF8(bytes: [Int]) {
    let text = Array("<a>".utf8) + bytes.map(UInt8.init) + Array("</a>".utf8)
    #expect(throws: XMLProblem.self) { try XMLDocument(parsing: text) }
  }

  @Test("every beginning of a document that is not all of it is refused")
  func truncated() throws {
    let whole = Array(#"<?xml version="1.0"?><a x="1"><b>text</b><![CDATA[c]]></a>"#.utf8)
    for count in 0..<whole.count {
      #expect(throws: XMLProblem.self) { try XMLDocument(parsing: whole.prefix(count)) }
    }
    _ = try XMLDocument(parsing: whole)
  }

  @Test("depth, attributes, nodes and bytes are bounded")
  func limits() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "<a>", count: depth) + String(repeating: "</a>", count: depth)
    }
    _ = try parse(nested(64))
    #expect(problem(nested(65)) == .tooLarge("more than 64 elements within each other"))
    var deep = XMLLimits()
    deep.depth = 1_000_000
    #expect(throws: XMLProblem.self) { try XMLDocument(parsing: nested(100_000).utf8, limits: deep) }

    func wide(_ count: Int) -> String { "<a " + (0..<count).map { "b\($0)='1'" }.joined(separator: " ") + "/>" }
    _ = try parse(wide(256))
    #expect(problem(wide(257)) == .tooLarge("an element with more than 256 attributes"))
    let declared = "<a " + (0..<257).map { "xmlns:b\($0)='u'" }.joined(separator: " ") + "/>"
    #expect(problem(declared) == .tooLarge("an element with more than 256 attributes"))

    var few = XMLLimits()
    few.nodes = 10
    few.bytes = 100
    _ = try XMLDocument(parsing: "<a>\(String(repeating: "<b/>", count: 9))</a>".utf8, limits: few)
    #expect(
      problem("<a>\(String(repeating: "<b/>", count: 10))</a>", few) == .tooLarge("more than 10 elements and texts"))
    #expect(problem("<a>\(String(repeating: " ", count: 100))</a>", few) == .tooLarge("more than 100 bytes"))
  }

  @Test("a problem tells the line, and nothing of the document")
  func description() {
    #expect(text("<a>\n<secret>\n</a>") == "the XML is not well-formed at line 3")
    #expect(text("\n<!DOCTYPE secret>\n<a/>") == "the XML has a document type declaration at line 2, expected none")
  }

  private func parse(_ text: String) throws -> XMLElement { try XMLDocument(parsing: text.utf8).root }

  private func problem(_ text: String, _ limits: XMLLimits = XMLLimits()) -> XMLProblem.Kind? {
    do throws(XMLProblem) {
      _ = try XMLDocument(parsing: text.utf8, limits: limits)
      return nil
    } catch {
      return error.kind
    }
  }

  private func text(_ document: String) -> String {
    do throws(XMLProblem) {
      _ = try XMLDocument(parsing: document.utf8)
      return ""
    } catch {
      return error.description
    }
  }
}
