import Omnibus

/// The formats of texts that can be checked (draft-bhutton-json-schema-validation-01, 7.3): all that are defined there.
/// Others say nothing about a value.
enum ValueFormat: Int, CaseIterable {
  case dateTime, date, time, duration, email, idnEmail, hostname, idnHostname, ipv4, ipv6, uri, uriReference, iri,
    iriReference, uriTemplate
  case uuid, jsonPointer, relativeJSONPointer, regex

  /// The word in schemas.
  var name: String {
    switch self {
    case .dateTime: "date-time"
    case .date: "date"
    case .time: "time"
    case .duration: "duration"
    case .email: "email"
    case .idnEmail: "idn-email"
    case .hostname: "hostname"
    case .idnHostname: "idn-hostname"
    case .ipv4: "ipv4"
    case .ipv6: "ipv6"
    case .uri: "uri"
    case .uriReference: "uri-reference"
    case .iri: "iri"
    case .iriReference: "iri-reference"
    case .uriTemplate: "uri-template"
    case .uuid: "uuid"
    case .jsonPointer: "json-pointer"
    case .relativeJSONPointer: "relative-json-pointer"
    case .regex: "regex"
    }
  }

  /// The format of a name; nil for one that is not checked.
  init?(name: String, _ draft: Draft) {
    guard let format = Self.allCases.first(where: { $0.name == name }) else { return nil }
    // Those came later than draft 7.
    if draft == .draft7, format == .duration || format == .uuid { return nil }
    self = format
  }

  /// Whether a text, in UTF-8, has the format.
  func isSatisfied(by text: UnsafeBufferPointer<UInt8>) -> Bool {
    var reader = FormatReader(text)
    switch self {
    case .dateTime: return reader.date() && reader.take("T", "t") && reader.time() && reader.isAtEnd
    case .date: return reader.date() && reader.isAtEnd
    case .time: return reader.time() && reader.isAtEnd
    case .duration: return reader.duration()
    case .email: return InternetFormats.isEmail(text, isInternational: false)
    case .idnEmail: return InternetFormats.isEmail(text, isInternational: true)
    case .hostname: return InternetFormats.isHostname(text[...])
    case .idnHostname: return InternationalNames.isHostname(String(decoding: text, as: UTF8.self))
    case .ipv4: return InternetFormats.isIPv4(text[...])
    case .ipv6: return InternetFormats.isIPv6(text[...])
    case .uri: return InternetFormats.isURI(text, isInternational: false, isReference: false)
    case .uriReference: return InternetFormats.isURI(text, isInternational: false, isReference: true)
    case .iri: return InternetFormats.isURI(text, isInternational: true, isReference: false)
    case .iriReference: return InternetFormats.isURI(text, isInternational: true, isReference: true)
    case .uriTemplate: return InternetFormats.isURITemplate(text)
    case .uuid: return InternetFormats.isUUID(text)
    case .jsonPointer: return InternetFormats.isJSONPointer(text[...])
    case .relativeJSONPointer: return InternetFormats.isRelativeJSONPointer(text)
    case .regex: return (try? SchemaPattern(String(decoding: text, as: UTF8.self))) != nil
    }
  }
}
