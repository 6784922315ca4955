public import Omnibus

/// One case of a suite of expressions: a JSON object with `expression` and, where it needs them, `body` and
/// `variables` (an object of tagged values).
public enum ExpressionCase {
  /// The answer to a case as JSON: `{"value": …, "type": …}` with a tagged value, or `{"error": …}`.
  public static func answer(_ line: [UInt8], formats: Formats = Formats()) -> [UInt8] {
    do throws(Failure) {
      let value = try evaluate(line, formats)
      var answer = Array(#"{"value":"#.utf8)
      answer += try TaggedValue.encode(value)
      answer += #","type":"#.utf8
      answer += try Value.string(TaggedValue.typeName(value)).jsonBytes()
      return answer + "}".utf8
    } catch {
      let reason = (try? Value.string(error.reason).jsonBytes()) ?? []
      return #"{"error":"#.utf8 + reason + "}".utf8
    }
  }

  private static func evaluate(_ line: [UInt8], _ formats: Formats) throws(Failure) -> Value {
    let root = try JSONDocument(parsing: line).root
    guard let text = root.member("expression")?.string else {
      throw Failure(.invalid, "a case is an object with \"expression\"")
    }
    var variables: [String: Value] = [:]
    for (name, value) in root.member("variables")?.members ?? [] {
      variables[name.string ?? ""] = try TaggedValue.decode(value)
    }
    var message = Message()
    if let body = root.member("body") { message.body = .document(JSONDocument(body)) }
    let expression: Expression
    do throws(ExpressionError) { expression = try Expression(compiling: text, variables: .open(variables.keys)) } catch
    {
      throw Failure(.invalid, error.description)
    }
    return try expression.evaluate(&message, formats: formats, variables: variables)
  }
}
