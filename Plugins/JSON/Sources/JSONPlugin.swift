public import Omnibus

extension Plugin {
  /// JSON bodies (RFC 8259): the format `json`, and the steps `parse_json` and `write_json`.
  public static let json = Plugin(
    name: "json",
    version: "0.1.0",
    components: [
      .transformer("parse_json", "Decodes the body as JSON, whatever its content type says.", NoOptions.self) { _, _ in
        ParseJSON()
      },
      .transformer("write_json", "Turns the body into JSON bytes.", NoOptions.self) { _, _ in WriteJSON() },
    ],
    formats: [.json])
}

extension Format {
  /// JSON: `application/json`, `text/json` and all types with the suffix `+json` (RFC 6839, 3.1).
  static let json = Format(name: "json", mediaTypes: ["application/json", "text/json", "+json"]) {
    bytes throws(Failure) in try JSONDocument(parsing: bytes)
  }

  /// Whether `contentType` is one of JSON's.
  static func isJSON(_ contentType: String?) -> Bool {
    contentType.flatMap { Formats([.json]).format(for: $0) } != nil
  }
}
