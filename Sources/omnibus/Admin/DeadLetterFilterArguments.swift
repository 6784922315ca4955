internal import ArgumentParser
internal import Glibc
internal import Omnibus
internal import OmnibusExpression

/// Which dead letters a command means.
struct DeadLetterFilterArguments: ParsableArguments {
  @Option(help: "Only those of this route.") var route: String?
  @Option(help: "Only those whose last failure is of this kind, such as unavailable.") var kind: String?
  @Option(
    help: ArgumentHelp(
      "Only those that failed last at this time (2024-05-01T12:30:00Z) or this long ago (2h) or later.",
      valueName: "time"))
  var since: String?
  @Option(help: ArgumentHelp("Only those that failed last before this time, or this long ago.", valueName: "time"))
  var before: String?

  func validate() throws {
    if let kind, Failure.Kind(rawValue: kind) == nil {
      throw ValidationError(
        "there is no kind \"\(kind)\": there are \(Failure.Kind.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    _ = try Self.time(since)
    _ = try Self.time(before)
  }

  /// What was given, by the names of the API.
  func members() throws -> [(String, String?)] {
    [("route", route), ("kind", kind), ("since", try Self.time(since)), ("before", try Self.time(before))]
  }

  /// Whether any was given.
  var isEmpty: Bool { route == nil && kind == nil && since == nil && before == nil }

  /// A moment, as RFC 3339 writes it.
  private static func time(_ text: String?) throws -> String? {
    guard let text else { return nil }
    if let time = TimeText.timestamp(text) { return time.text }
    guard let ago = TimeText.duration(text), ago >= .zero else {
      throw ValidationError("a time is 2024-05-01T12:30:00Z, or how long ago, such as 2h; found \"\(text)\"")
    }
    return Timestamp(seconds: Int64(Glibc.time(nil)) - ago.components.seconds, nanoseconds: 0).text
  }
}
