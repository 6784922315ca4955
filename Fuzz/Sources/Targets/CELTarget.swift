import Omnibus
import OmnibusExpression

extension FuzzTarget {
  /// An expression, and behind it, where there is a zero byte, a body of JSON: what compiles ends, twice in the same.
  static let cel = FuzzTarget(name: "cel") { bytes in
    let (text, body) = bytes.halves
    guard let expression = try? Expression(compiling: String(decoding: text, as: UTF8.self)) else { return }
    var message = Message(headers: ["content-type": "application/json", "x-name": "fuzz"])
    let json = body.isEmpty ? Array(sample.utf8) : body
    if let document = try? JSONDocument(parsing: json) {
      message.body = .document(document)
    } else {
      message.body = .bytes(json)
    }
    let first = outcome(expression, &message)
    let second = outcome(expression, &message)
    // What has no order or comes from outside may differ.
    let isStable = !["now", "uuid", "lookup"].contains { String(decoding: text, as: UTF8.self).contains($0) }
    try hold(!isStable || first == second, "\(first), then \(second)")
  }

  private static let sample =
    #"{"name":"a","items":[{"id":1},{"id":2.5},null],"on":true,"when":"2024-02-29T12:00:00Z"}"#

  private static func outcome(_ expression: Expression, _ message: inout Message) -> String {
    do {
      let value = try expression.evaluate(&message, formats: Formats(), variables: [:])
      return (try? value.jsonBytes()).map { String(decoding: $0, as: UTF8.self) } ?? "no JSON"
    } catch {
      return error.reason
    }
  }
}
