public import Omnibus
public import OmnibusHTTP
public import OmnibusReactor

/// Whether the engine lives, and whether it can do what it is meant to.
public struct Health: Sendable {
  /// Something that is not as it should be.
  public struct Problem: Sendable, Equatable {
    /// What it is: `route`, `engine`.
    public var part: String
    /// Which one; empty where there is only one.
    public var name: String
    /// Why it is not ready.
    public var reason: String

    /// A problem.
    public init(part: String, name: String, reason: String) {
      self.part = part
      self.name = name
      self.reason = reason
    }
  }

  /// How long a reactor may take to answer.
  static let limit = Duration.seconds(5)

  private let reactors: ReactorGroup
  private let clock: any EngineClock
  private let problems: @Sendable () async -> [Problem]

  /// The health of an engine on `reactors`; `problems` says what is not ready.
  public init(
    reactors: ReactorGroup, clock: any EngineClock, problems: @escaping @Sendable () async -> [Problem]
  ) {
    self.reactors = reactors
    self.clock = clock
    self.problems = problems
  }

  /// Whether everything does what it is meant to.
  public func isReady() async -> Bool { await problems().isEmpty }

  /// Answers `/health/live`: 200 where each reactor turns, 503 with those that do not.
  public func live(_ request: HTTPRequest) async -> HTTPResponse {
    let silent = await ReactorPulse.silent(reactors, within: Self.limit, clock)
    return Self.response(
      silent.map { Problem(part: "reactor", name: "\($0)", reason: "does not answer within \(Self.limit.text)") },
      well: "live", ill: "stuck")
  }

  /// Answers `/health/ready`: 200 where everything does what it is meant to, 503 with what does not and why.
  public func ready(_ request: HTTPRequest) async -> HTTPResponse {
    Self.response(await problems(), well: "ready", ill: "not_ready")
  }

  private static func response(_ problems: [Problem], well: String, ill: String) -> HTTPResponse {
    let body: Value = .map(
      ValueMap([
        ("status", .string(problems.isEmpty ? well : ill)),
        (
          "problems",
          .list(
            problems.map { problem in
              var value = ValueMap([("part", .string(problem.part))])
              if !problem.name.isEmpty { value["name"] = .string(problem.name) }
              value["reason"] = .string(problem.reason)
              return .map(value)
            })
        ),
      ]))
    return HTTPResponse(
      status: problems.isEmpty ? 200 : 503, headers: ["content-type": "application/json", "cache-control": "no-store"],
      body: .document(JSONDocument(body)))
  }
}
