import Omnibus
import OmnibusExpression
import OmnibusTesting
import Testing

@Suite("Options that hold expressions")
struct OptionTests {
  private let loader = ComponentLoader([])

  private func message(_ body: String) throws -> Message {
    Message(headers: ["x": "y"], body: .document(try JSONDocument(parsing: Array(body.utf8))))
  }

  private func made(_ configuration: Configuration, _ body: String = #"{"a":1,"s":"t","n":null,"l":[1]}"#) throws
    -> String
  {
    var message = try message(body)
    let template = try loader.option(Template.self, configuration)
    return String(decoding: try template.evaluate(&message, .testing()).jsonBytes(), as: UTF8.self)
  }

  private func diagnostics(_ type: any OptionValue.Type, _ text: String) -> [String] {
    func load<Value: OptionValue>(_ type: Value.Type) -> [String] {
      do {
        _ = try loader.option(type, "\(text)")
        return []
      } catch {
        return error.all.map { "\($0.location.line):\($0.location.column)+\($0.location.length) \($0.code)" }
      }
    }
    return load(type)
  }

  @Test("a template keeps types where an expression stands alone, and makes text where it does not")
  func templates() throws {
    #expect(try made("${ body.a }") == "1")
    #expect(try made("a${ body.a }-${ body.s }") == #""a1-t""#)
    #expect(try made("$${ x }") == #""${ x }""#)
    #expect(try made(#"${ {"a": "}"}["a"] }"#) == #""}""#)
    #expect(
      try made(["x": "${ body.l }", "y": ["1.50", "007", "true", "text"], "z": "${ body.?q }"])
        == #"{"x":[1],"y":[1.50,"007",true,"text"]}"#)
  }

  @Test("null, absent values, lists and maps do not go into text")
  func text() throws {
    for text in ["a${ body.n }", "a${ body.?q }", "a${ body.l }", "a${ body }", "a${ body.q }"] {
      var message = try message(#"{"n":null,"l":[1]}"#)
      let template = try loader.option(TextTemplate.self, "\(text)")
      #expect(throws: Failure.self) { try template.evaluate(&message, .testing()) }
    }
  }

  @Test("values are encoded, what is written is not")
  func encoding() throws {
    var message = try message(#"{"id":"../x"}"#)
    let template = try loader.option(TextTemplate.self, "/p/${ body.id }")
    let text = try template.evaluate(&message, .testing()) { $0.replacing("/", with: "%2F") }
    #expect(text == "/p/..%2Fx")
    #expect(try loader.option(TextTemplate.self, "plain").constant == "plain")
  }

  @Test("problems point into the text of the option")
  func places() {
    #expect(diagnostics(Condition.self, "body.a == bdy") == ["1:11+3 unknown-variable"])
    #expect(diagnostics(Condition.self, "size(body)") == ["1:1+1 expression-type"])
    #expect(diagnostics(Condition.self, "${ body.a }") == ["1:1+1 expression-syntax"])
    #expect(
      diagnostics(Template.self, "a ${ bdy } b ${ heders }") == ["1:6+3 unknown-variable", "1:17+6 unknown-variable"])
    #expect(diagnostics(TextTemplate.self, "a ${ body.x") == ["1:12+1 expression-syntax"])
  }

  @Test("a condition that is not true or false is a failure")
  func conditions() throws {
    var message = try message(#"{"a":1}"#)
    let condition = try loader.option(Condition.self, "body.a")
    #expect(throws: Failure.self) { try condition.evaluate(&message, .testing()) }
  }

  @Test("cases are answered with value and type, tagged where JSON cannot say it")
  func cases() {
    func answer(_ line: String) -> String { String(decoding: ExpressionCase.answer(Array(line.utf8)), as: UTF8.self) }
    #expect(
      answer(#"{"expression":"x + 1u","variables":{"x":{"type":"uint","value":1}}}"#)
        == #"{"value":{"type":"uint","value":2},"type":"uint"}"#)
    #expect(answer(#"{"expression":"body.a","body":{"a":[1]}}"#) == #"{"value":[1],"type":"list"}"#)
    #expect(
      answer(#"{"expression":"{1: 0.0/0.0}"}"#)
        == #"{"value":{"type":"map","value":[[1,{"type":"double","value":"NaN"}]]},"type":"map"}"#)
    #expect(answer(#"{"expression":"1/0"}"#) == #"{"error":"1:2: divide by zero"}"#)
    #expect(answer("{").hasPrefix(#"{"error":"#))
  }
}
