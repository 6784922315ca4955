public import OmnibusHTTP

/// Something else that is read on the admin listener by GET, such as metrics and health.
public struct AdminPage: Sendable {
  /// The path: `/metrics`.
  public var path: String
  /// What it is, in a sentence.
  public var help: String
  /// The media type of its answers.
  public var produces: String
  /// Whether anybody may read it, from wherever; otherwise it takes the right `view_metadata`.
  public var isOpen: Bool
  /// Answers a request.
  public var answer: HTTPEndpoint.Handler

  /// A page.
  public init(
    _ path: String, _ help: String, produces: String, isOpen: Bool = false, answer: @escaping HTTPEndpoint.Handler
  ) {
    self.path = path
    self.help = help
    self.produces = produces
    self.isOpen = isOpen
    self.answer = answer
  }
}
