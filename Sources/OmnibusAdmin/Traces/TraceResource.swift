internal import Glibc
internal import Omnibus

/// What is known of this process, by the names of the semantic conventions of OpenTelemetry.
enum TraceResource {
  /// The attributes of the resource that all spans belong to.
  static func attributes(serviceName: String, version: String) -> [(name: String, value: String)] {
    var attributes = [
      ("service.name", serviceName), ("service.version", version), ("service.instance.id", "\(MessageID())"),
      ("process.pid", "\(getpid())"), ("telemetry.sdk.name", "omnibus"), ("telemetry.sdk.language", "swift"),
      ("telemetry.sdk.version", version),
    ]
    var name = [CChar](repeating: 0, count: 256)
    if gethostname(&name, name.count - 1) == 0 {
      attributes.append(
        ("host.name", String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)))
    }
    return attributes.map { (name: $0.0, value: $0.1) }
  }
}
