internal import Logging
internal import Omnibus
internal import OmnibusExpression

/// The options of `log`.
struct LogOptions: Options {
  enum Level: String, OptionEnum { case trace, debug, info, notice, warning, error }

  @Option(help: "what to write; what of the message may stand in a log is for the route to say")
  var message: TextTemplate

  @Option(help: "how serious it is")
  var level: Level = .info
}

/// Writes a line to the log: the text that the route asks for, with the message's id as a field.
struct LogStep: Transformer {
  /// What a line may hold at the most, in characters.
  static let limit = 4096

  private let text: TextTemplate
  private let level: Logger.Level

  init(_ options: LogOptions) {
    text = options.message
    level = Logger.Level(rawValue: options.level.rawValue) ?? .info
  }

  func transform(_ message: inout Message, _ context: Context) throws {
    guard level >= context.logger.logLevel else { return }
    var text = try text.evaluate(&message, context)
    if text.utf8.count > Self.limit { text = text.prefix(Self.limit) + "…" }
    context.logger.log(level: level, "\(text)", metadata: message.logMetadata)
  }
}
