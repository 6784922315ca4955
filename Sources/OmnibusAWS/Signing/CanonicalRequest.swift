internal import Omnibus

/// A request in the one form that both sides sign (AWS Signature Version 4, "Create a canonical request").
struct CanonicalRequest {
  /// The names of the fields that are signed, sorted, with semicolons between them.
  let signedHeaders: String
  /// The six parts, a line end between them.
  let text: String

  /// The form of `request`; its fields are all signed, with `host`.
  init(_ request: AWSRequest, payload: String, normalizesPath: Bool) {
    let fields = Self.fields(request)
    signedHeaders = fields.map(\.name).joined(separator: ";")
    let path = request.endpoint.prefix + request.path
    let encoded = AWSEncoding.path(normalizesPath ? AWSEncoding.normalized(path) : path)
    text =
      request.method + "\n" + (encoded.isEmpty ? "/" : encoded) + "\n" + request.encodedQuery + "\n"
      + fields.reduce(into: "") { $0 += "\($1.name):\($1.value)\n" } + "\n" + signedHeaders + "\n" + payload
  }

  /// Names in lower case and sorted; the values of a name that comes twice are joined in their order.
  private static func fields(_ request: AWSRequest) -> [(name: String, value: String)] {
    var fields: [(name: String, value: String)] = [("host", request.endpoint.authority)]
    for (name, value) in request.headers {
      let name = name.lowercased()
      guard name != "host", name != "authorization" else { continue }
      let value = trimmed(value)
      if let place = fields.firstIndex(where: { $0.name == name }) {
        fields[place].value += ",\(value)"
      } else {
        fields.append((name, value))
      }
    }
    return fields.sorted { $0.name < $1.name }
  }

  /// The value without spaces around it, and with one where several stand together.
  private static func trimmed(_ value: String) -> String {
    guard value.utf8.contains(0x20) || value.utf8.contains(0x09) else { return value }
    return value.utf8.split { $0 == 0x20 || $0 == 0x09 }.map { String(decoding: $0, as: UTF8.self) }
      .joined(separator: " ")
  }
}
