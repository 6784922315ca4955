internal import OmnibusReactor

extension Body {
  /// Bytes beyond which a body is large: to decode that much takes about as long as a reactor may be held for one message.
  static let largeSize = 1 << 20

  /// Whether this is bytes that are not to be worked on by a reactor, which serves other messages, too.
  var isLarge: Bool {
    guard case .bytes(let bytes) = self else { return false }
    return bytes.count > Self.largeSize
  }
}

extension Message {
  /// Runs `work` on the message on a thread for what blocks, while the reactor serves other messages.
  mutating func aside<Result: Sendable>(
    _ context: Context, _ work: @escaping @Sendable (inout Message) -> Result
  ) async throws -> Result {
    let parcel = Parcel(self)
    // The parcel must be its only holder, or the first change of the body copies all of it.
    body = .empty
    let result = try await context.blocking.run { work(&parcel.message) }
    self = parcel.message
    return result
  }

  /// Decodes a large body for what reads it by expressions; others are decoded where they are read. One that cannot be
  /// decoded stays as it is: whether that fails the step is for the expression to say, which may never come to read it.
  public mutating func decodeAside(_ context: Context) async throws {
    guard body.isLarge else { return }
    try await aside(context) { message in try? message.decodeBody(context.formats) }
  }
}

/// A message on its way to another thread and back.
// @unchecked: the thread that sent it waits until the other is done with it.
private final class Parcel: @unchecked Sendable {
  var message: Message
  init(_ message: Message) { self.message = message }
}
