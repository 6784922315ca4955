public import Omnibus

/// Spans as OTLP has them in JSON: an `ExportTraceServiceRequest` of OTLP 1.x in the mapping of "JSON Protobuf Encoding"
/// (https://opentelemetry.io/docs/specs/otlp/): ids in hexadecimal, 64-bit numbers as strings, enumerations as numbers.
public enum OTLPTraces {
  /// The request for `spans`; `resource` is what is known of this process.
  public static func request(_ spans: [Span], resource: [(name: String, value: String)], version: String) -> [UInt8] {
    let scope: Value = .map(ValueMap([("name", .string("omnibus")), ("version", .string(version))]))
    let scopeSpans: Value = .map(ValueMap([("scope", scope), ("spans", .list(spans.map(span)))]))
    let attributes = resource.map { attribute($0.name, $0.value) }
    let request: Value = .map(
      ValueMap([
        (
          "resourceSpans",
          .list([
            .map(
              ValueMap([
                ("resource", .map(ValueMap([("attributes", .list(attributes))]))), ("scopeSpans", .list([scopeSpans])),
              ]))
          ])
        )
      ]))
    // Made of texts, numbers, lists and maps of known depth alone, which can always be written.
    return (try? JSONDocument(request).serialize()) ?? []
  }

  private static func span(_ span: Span) -> Value {
    var value = ValueMap([("traceId", .string("\(span.traceID)")), ("spanId", .string("\(span.spanID)"))])
    if !span.state.isEmpty { value["traceState"] = .string(span.state) }
    if let parent = span.parentID { value["parentSpanId"] = .string("\(parent)") }
    value["name"] = .string(span.origin.name)
    value["kind"] = .int(Int64(span.origin.kind.rawValue))
    value["startTimeUnixNano"] = .string("\(span.start)")
    value["endTimeUnixNano"] = .string("\(span.end)")
    var attributes = span.origin.attributes.map { attribute($0.name, $0.value) }
    attributes.append(attribute("omnibus.message.id", "\(span.message)"))
    if let failure = span.failure {
      attributes.append(attribute("error.type", failure.rawValue))
      // STATUS_CODE_ERROR; a success leaves the status unset, as the API of OpenTelemetry asks for.
      value["status"] = .map(ValueMap([("code", .int(2)), ("message", .string(failure.rawValue))]))
    }
    value["attributes"] = .list(attributes)
    return .map(value)
  }

  private static func attribute(_ name: String, _ value: String) -> Value {
    .map(ValueMap([("key", .string(name)), ("value", .map(ValueMap([("stringValue", .string(value))])))]))
  }
}
