public import Omnibus

/// Why content in gzip was not decoded.
public enum GzipProblem: Error, Sendable, Equatable {
  /// It is no gzip, is damaged, or ends too early (RFC 1952).
  case malformed
  /// It is larger than the limit in bytes once it is decoded.
  case tooLarge(Int)
  /// It grows as nothing does that was made to be read.
  case bomb
  /// The bodies of other requests leave no memory for it.
  case noMemory

  /// What is wrong, in words.
  public var reason: String {
    switch self {
    case .malformed: "the content is not well-formed gzip"
    case .tooLarge(let limit): "the content is larger than \(ByteSize(bytes: limit)) once it is decoded"
    case .bomb: "the content grows to more than \(GzipDecoder.maxRatio) times its size when it is decoded"
    case .noMemory: HTTPRefusal.noMemory.detail
    }
  }

  /// A failure of kind `invalid`, or `overloaded` where there is no memory.
  public var failure: Failure { Failure(self == .noMemory ? .overloaded : .invalid, reason) }
}
