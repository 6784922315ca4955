internal import Omnibus

/// What the messages of the suites hold, and nothing but messages may hold.
enum Secret {
  /// Stands in every body, header and property that the suites send.
  static let text = "PATIENT-5d1f0c"

  /// A small body that says which one it is.
  static func body(_ number: Int) -> [UInt8] { Array("{\"patient\":\"\(text)\",\"number\":\(number)}".utf8) }

  /// A message with secrets wherever it can have some.
  static func message(_ body: Body, contentType: String? = "application/json") -> Message {
    var message = Message(headers: ["x-patient": text], body: body)
    message.contentType = contentType
    message.properties["patient"] = .string(text)
    return message
  }

  /// Whether a text tells it.
  static func isIn(_ text: String) -> Bool { text.contains(Self.text) }

  /// Whether a line of a log tells it.
  static func isIn(_ line: LogRecorder.Line) -> Bool { isIn(line.message) || line.fields.values.contains(where: isIn) }
}

/// All that a failure says, for people and for machines, with all that is underneath.
enum FailureText {
  static func of(_ error: any Error) -> String {
    guard let failure = error as? Failure else { return "\(error) \(String(reflecting: error))" }
    let problems = failure.problems.map { "\($0.place ?? "") \($0.detail)" }.joined(separator: "; ")
    let cause = failure.cause.map { ", because \(of($0))" } ?? ""
    return "\(failure) \(problems)\(cause)"
  }
}
