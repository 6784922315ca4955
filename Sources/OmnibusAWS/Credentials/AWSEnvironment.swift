internal import Glibc

/// The environment variables that AWS gives a meaning to. An engine can be lent another one by `Context.services`.
public final class AWSEnvironment: Sendable {
  /// That of the process.
  public static let process = AWSEnvironment { name in getenv(name).map { String(cString: $0) } }

  private let variable: @Sendable (String) -> String?

  /// An environment in which `variable` answers what a name stands for.
  public init(_ variable: @escaping @Sendable (String) -> String?) { self.variable = variable }

  /// What a variable holds; nil where it is not set, or empty.
  subscript(_ name: String) -> String? { variable(name).flatMap { $0.isEmpty ? nil : $0 } }
}
