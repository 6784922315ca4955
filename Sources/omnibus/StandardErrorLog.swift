internal import Glibc
internal import Logging
internal import Omnibus
internal import OmnibusEngine

/// Writes log lines to standard error, one write a line.
struct StandardErrorLog: LogHandler {
  private let live: LiveSettings
  private var ownLevel: Logger.Level?
  var metadata: Logger.Metadata = [:]

  /// A log as `live` says at each moment.
  init(_ live: LiveSettings) { self.live = live }

  /// The level of this logger where it was given one, else that of all.
  var logLevel: Logger.Level {
    get { ownLevel ?? live.level }
    set { ownLevel = newValue }
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let fields = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
    let line =
      switch live.format {
      case .text: text(event, fields)
      case .json: json(event, fields)
      }
    Terminal.write(line + "\n", to: STDERR_FILENO)
  }

  private func text(_ event: LogEvent, _ fields: [(key: String, value: Logger.Metadata.Value)]) -> String {
    let level = event.level.rawValue.uppercased()
    let padding = String(repeating: " ", count: max(0, 8 - level.count))
    let details = fields.map { " \($0.key)=\(LogText.value("\($0.value)"))" }.joined()
    return "\(timestamp()) \(level)\(padding) \(LogText.line("\(event.message)"))\(details)"
  }

  private func json(_ event: LogEvent, _ fields: [(key: String, value: Logger.Metadata.Value)]) -> String {
    var members: [(String, Value)] = [
      ("time", .string(timestamp())), ("level", .string(event.level.rawValue)),
      ("message", .string("\(event.message)")),
    ]
    members += fields.map { ($0.key, .string("\($0.value)")) }
    let bytes = (try? JSONDocument(.map(ValueMap(members))).serialize()) ?? []
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The time as RFC 3339 has it, in UTC and milliseconds.
  private func timestamp() -> String {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    var parts = tm()
    gmtime_r(&now.tv_sec, &parts)
    var buffer = [CChar](repeating: 0, count: 32)
    let length = strftime(&buffer, buffer.count, "%Y-%m-%dT%H:%M:%S", &parts)
    let seconds = String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let fraction = String(1000 + now.tv_nsec / 1_000_000).dropFirst()
    return "\(seconds).\(fraction)Z"
  }
}
