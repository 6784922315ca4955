public import Omnibus

/// What an endpoint says of itself in an OpenAPI document.
public struct OperationDescription: Sendable {
  /// One of the ways in which a sender can log in.
  public enum Security: Sendable, Hashable {
    case basic
    case bearer
    /// A key in the header of that name.
    case header(String)
    /// A key in the parameter of that name.
    case query(String)
  }

  /// Names it, among all of its listener; each of several methods appends its own name.
  public var id: String
  /// What it is for, asked for with each document, as a reload may change it.
  public var description: @Sendable () -> String?
  /// The media types of bodies that it takes; empty for all.
  public var consumes: [String]
  /// The media types of its answers; empty where it does not say.
  public var produces: [String]
  /// The logins, of which one is enough; empty where none is needed.
  public var security: [Security]
  /// Whether it can also be used without any of the logins.
  public var isLoginOptional = false
  /// The parameters of the query, as Parameter Objects (OpenAPI 3.1, 4.8.12).
  public var query: [Value] = []
  /// The schema of bodies that it takes; nil for any.
  public var requestSchema: Value?
  /// The schema of its answers; nil for any.
  public var responseSchema: Value?

  /// A description.
  public init(
    id: String, description: @escaping @Sendable () -> String?, consumes: [String], produces: [String],
    security: [Security]
  ) {
    self.id = id
    self.description = description
    self.consumes = consumes
    self.produces = produces
    self.security = security
  }
}
