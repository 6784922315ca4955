import OmnibusXML

extension FuzzTarget {
  /// A document. The texts of what is read must be the same when they are written and read again, as text and as the value of
  /// an attribute.
  static let xml = FuzzTarget(name: "xml") { bytes in
    guard let root = try? XMLDocument(parsing: bytes).root else { return }
    var left = [root]
    var count = 0
    while let element = left.popLast(), count < 200 {
      count += 1
      left += element.children
      _ = (element.name, element.namespace, element.attribute("a"))
      let text = element.text
      var writer = XMLWriter()
      writer.start("a", [("b", text)])
      writer.element("c", text)
      writer.end()
      let again = try XMLDocument(parsing: writer.bytes).root
      try hold(again.attribute("b") == text, "an attribute reads differently")
      try hold(again["c"]?.text == text, "a text reads differently")
    }
  }
}
