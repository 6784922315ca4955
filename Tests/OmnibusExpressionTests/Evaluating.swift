import Omnibus
import OmnibusExpression

/// Evaluates `text` on a body of JSON; an error is thrown as it is.
func evaluate(
  _ text: String, body: String? = nil, headers: Headers = Headers(), variables: [String: Value] = [:]
) throws -> Value {
  let expression = try Expression(compiling: text, variables: .open(variables.keys))
  var message = Message(headers: headers)
  if let body { message.body = .document(try JSONDocument(parsing: Array(body.utf8))) }
  return try expression.evaluate(&message, formats: Formats(), variables: variables)
}

/// The value as JSON text.
func json(_ text: String, body: String? = nil, headers: Headers = Headers()) throws -> String {
  String(decoding: try evaluate(text, body: body, headers: headers).jsonBytes(), as: UTF8.self)
}

/// What is wrong with `text` in a route, each with its place.
func problems(_ text: String) -> [String] {
  do {
    _ = try Expression(compiling: text)
    return []
  } catch {
    return error.problems.map { "\($0.line):\($0.column) \($0.code): \($0.message)" }
  }
}

/// The reason of the failure of evaluating `text`.
func failure(_ text: String, body: String? = nil) -> String? {
  do {
    _ = try evaluate(text, body: body)
    return nil
  } catch {
    return (error as? Failure)?.reason ?? "\(error)"
  }
}
