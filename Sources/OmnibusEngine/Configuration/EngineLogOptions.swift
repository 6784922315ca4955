public import Omnibus

/// What the engine logs, and how: `log` of `omnibus.yaml`.
public struct EngineLogOptions: Options {
  /// The levels, least serious first.
  public enum Level: String, OptionEnum { case trace, debug, info, notice, warning, error, critical }

  /// How lines are written.
  public enum Format: String, OptionEnum { case text, json }

  /// The least level that is logged.
  @Option(help: "the least level that is logged")
  public var level: Level = .info

  /// How lines are written; nil for what suits where they go.
  @Option(help: "a line as text for people, or as a JSON object for machines", default: "text on a terminal, else json")
  public var format: Format? = nil

  /// The defaults.
  public init() {}
}
