public import Logging

/// Keeps what is logged, so that a test can look at it.
public final class LogRecorder: Sendable {
  /// One line of a log.
  public struct Line: Sendable, Equatable {
    /// How serious it is.
    public var level: Logger.Level
    /// The constant text.
    public var message: String
    /// The fields, those of the logger and those of the line.
    public var fields: [String: String]
  }

  /// The lines so far, to be waited for.
  public let lines = Recorder<Line>()

  /// A recorder with nothing in it.
  public init() {}

  /// Writes into this recorder.
  var handler: any LogHandler { Handler(recorder: self) }

  private struct Handler: LogHandler {
    let recorder: LogRecorder
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .trace

    init(recorder: LogRecorder) { self.recorder = recorder }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let fields = metadata.merging(event.metadata ?? [:]) { $1 }
      recorder.lines.append(
        Line(level: event.level, message: event.message.description, fields: fields.mapValues(\.description)))
    }
  }
}
