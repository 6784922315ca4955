public import Omnibus
internal import OmnibusHTTP

/// Calls actions of SQS by its JSON protocol (Amazon SQS API Reference; AWS JSON 1.0).
public struct SQSClient: Sendable {
  private let aws: AWSClient
  private let timeout: Duration

  /// A client whose calls may take `timeout` beside what they wait by themselves, and go to `endpoint`; nil for where the
  /// options say.
  public init(
    _ options: AWSOptions, endpoint: String? = nil, timeout: Duration, _ context: Context
  ) throws(OptionProblem) {
    aws = try AWSClient(options, service: "sqs", endpoint: endpoint, context)
    self.timeout = timeout
  }

  /// The name of the region.
  public var region: String { aws.region }

  /// What an action is called with beside its parameters.
  public struct Terms: Sendable {
    /// How much longer than others it may take.
    public var wait: Duration
    /// The largest answer that is taken, in bytes.
    public var limit: Int
    /// How long it may take in all; nil for what the connection says.
    public var timeout: Duration?
    /// Whether doing it twice is the same as doing it once: where its outcome is not known it is just not available.
    public var isRepeatable: Bool

    /// Terms of a call; those of most without arguments.
    public init(
      wait: Duration = .zero, limit: Int = 1 << 20, timeout: Duration? = nil, isRepeatable: Bool = true
    ) {
      self.wait = wait
      self.limit = limit
      self.timeout = timeout
      self.isRepeatable = isRepeatable
    }
  }

  /// Calls an action and gives the object that it answers. An answer that is none is a failure.
  public func call(
    _ action: String, _ parameters: [(String, Value)], _ context: Context, _ terms: Terms = Terms()
  ) async throws(Failure) -> JSONNode {
    let body = try Value.map(ValueMap(parameters)).jsonBytes()
    let request = AWSRequest(
      endpoint: aws.endpoint,
      headers: ["content-type": "application/x-amz-json-1.0", "x-amz-target": "AmazonSQS.\(action)"])
    var call = aws.prototype
    call.timeout = terms.timeout ?? (timeout + terms.wait)
    call.maxResponse = terms.limit
    call.isRepeatable = terms.isRepeatable
    let response: HTTPClientResponse
    do throws(Failure) {
      response = try await aws.send(request, as: call, payload: .bytes(body), context) { _ in .bytes(body) }
    } catch {
      throw terms.judged(error)
    }
    guard case .bytes(let bytes) = response.body,
      let root = try? JSONText.parse(bytes, limits: JSONLimits(depth: 32)).root, root.kind == .object
    else {
      if case .empty = response.body, terms.isRepeatable { return Self.nothing }
      throw terms.judged(Failure(.outcomeUnknown, "sqs answered what is no JSON object"))
    }
    return root
  }

  /// An action without an answer may leave the body out.
  private static let nothing: JSONNode = {
    guard let text = try? JSONText.parse(Array("{}".utf8)) else { preconditionFailure("an empty object is JSON") }
    return text.root
  }()
}

extension SQSClient.Terms {
  /// The failure of a call, which is never the message's own fault where no error of the service says so.
  fileprivate func judged(_ failure: Failure) -> Failure {
    guard failure.kind == .invalid || failure.kind == .outcomeUnknown, !(failure.cause is AWSServiceError) else {
      return failure
    }
    return Failure(isRepeatable ? .unavailable : .outcomeUnknown, failure.reason)
  }
}
