internal import Glibc

/// A system call that failed.
public struct SystemError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The name of the call, such as `bind`.
  public let call: String
  /// The `errno` that it left.
  public let code: Int32

  /// An error of `call` with the present `errno`.
  public init(_ call: String) { self.init(call, code: errno) }

  /// An error of `call` with a code that was kept.
  public init(_ call: String, code: Int32) {
    self.call = call
    self.code = code
  }

  /// What is left to say of a connection that was closed.
  static let closed = SystemError("read", code: EBADF)

  /// `bind: address already in use`.
  public var description: String { "\(call): \(String(cString: strerror(code)).lowercased())" }

  /// Hands on the result of a call, or throws when it is negative.
  @discardableResult
  static func check(_ call: String, _ result: Int32) throws(SystemError) -> Int32 {
    guard result >= 0 else { throw SystemError(call) }
    return result
  }
}
