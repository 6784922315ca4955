/// What components may take of the machine, as `limits` of omnibus.yaml says.
public struct EngineLimits: Sendable {
  /// What a client may take of an HTTP listener.
  public var http = HTTPLimits()

  /// The defaults.
  public init() {}
}
