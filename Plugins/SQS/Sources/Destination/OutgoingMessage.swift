internal import Omnibus

/// A message as it goes to SQS.
struct OutgoingMessage: Sendable {
  let text: String
  /// Names and values, all of the type String.
  let attributes: [(name: String, value: String)]
  let delay: Int64
  let group: String?
  let deduplication: String?

  /// What SQS counts: the body, and names, types and values of the attributes.
  var size: Int { attributes.reduce(text.utf8.count) { $0 + $1.name.utf8.count + $1.value.utf8.count + 6 } }

  /// The entry of SendMessageBatch, but for its id.
  var entry: [(String, Value)] {
    var entry: [(String, Value)] = [("MessageBody", .string(text))]
    if !attributes.isEmpty {
      let all = attributes.map { name, value in
        (name, Value.map(ValueMap([("DataType", "String"), ("StringValue", .string(value))])))
      }
      entry.append(("MessageAttributes", .map(ValueMap(all))))
    }
    if delay > 0 { entry.append(("DelaySeconds", .int(delay))) }
    if let group { entry.append(("MessageGroupId", .string(group))) }
    if let deduplication { entry.append(("MessageDeduplicationId", .string(deduplication))) }
    return entry
  }
}
