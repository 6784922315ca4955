public import Omnibus
public import OmnibusReactor

/// A place of a listener where requests are answered.
public struct HTTPEndpoint: Sendable {
  /// Answers one request. Runs as part of a task on the reactor of the connection. It is not cancelled when the client
  /// goes away: a client that only closed its sending half still wants the answer, and work half done helps nobody.
  public typealias Handler = @Sendable (HTTPRequest) async -> HTTPResponse

  /// Looks at the header fields and the query of a request, and at whether it has a body: the answer that refuses it,
  /// whose body is bytes or empty, or nil. Called on the connection's reactor before the body is asked for, so a refused
  /// sender need not send it; it must not block. `remote` is who sends it.
  public typealias Admission =
    @Sendable (
      _ headers: Headers, _ query: String, _ hasBody: Bool, _ remote: SocketAddress
    ) -> HTTPResponse?

  /// The method, such as `POST`; nil for any.
  public var method: String?
  /// The paths.
  public var path: PathPattern
  /// The largest body in bytes; a larger one is answered with 413.
  public var maxBody: Int
  /// Whether a chunked or a large body is handed on as a stream instead of being collected first.
  public var streamsBody: Bool
  /// What is checked before the body is read; nil for nothing.
  public var admit: Admission?
  /// Whose pages may use it: answers preflights for the method and the path; nil for none.
  public var cors: CORSPolicy?
  /// What it says of itself in documents; nil for nothing.
  public var operation: OperationDescription?
  /// What answers.
  public var handler: Handler

  /// An endpoint.
  public init(
    method: String?, path: PathPattern, maxBody: Int = 1 << 20, streamsBody: Bool = false, admit: Admission? = nil,
    cors: CORSPolicy? = nil, operation: OperationDescription? = nil, handler: @escaping Handler
  ) {
    self.method = method
    self.path = path
    self.maxBody = maxBody
    self.streamsBody = streamsBody
    self.admit = admit
    self.cors = cors
    self.operation = operation
    self.handler = handler
  }
}
