import Omnibus
import OmnibusExpression

extension FuzzTarget {
  /// A regular expression, and behind it, where there is a zero byte, a text: it compiles or not, and matches or not.
  static let regex = FuzzTarget(name: "regex") { bytes in
    let (pattern, text) = bytes.halves
    var message = Message()
    message.properties["pattern"] = .string(String(decoding: pattern, as: UTF8.self))
    message.properties["text"] = .string(String(decoding: text, as: UTF8.self))
    _ = try? expression.evaluate(&message, formats: Formats(), variables: [:])
  }

  private static let expression: Expression = {
    do {
      return try Expression(compiling: "string(properties.text).matches(string(properties.pattern))")
    } catch {
      preconditionFailure("\(error)")
    }
  }()
}
