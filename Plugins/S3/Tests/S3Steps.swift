import Omnibus
import OmnibusTesting

@testable import S3Plugin

/// Sends messages by `to: s3`.
struct S3Steps: Sendable {
  let store: ObjectStore
  let clock = ManualClock()
  let log = LogRecorder()
  private let services: Services

  init(store: ObjectStore, services: Services? = nil) {
    self.store = store
    self.services = services ?? store.services
  }

  var context: Context { .testing(step: "keep", clock: clock, log: log, services: services) }

  /// Sends a body; gives the message afterwards.
  @discardableResult
  func send(
    _ body: Body, to key: String = "a.bin", _ options: [(String, Configuration)] = [], headers: Headers = Headers()
  ) async throws -> Message {
    var message = Message(headers: headers, body: body)
    _ = try await step(key, options).process(&message, context)
    return message
  }

  /// Sends a body; gives how it failed, nil where it did not. Time goes on meanwhile.
  func failure(_ body: Body, to key: String = "a.bin", _ options: [(String, Configuration)] = []) async throws
    -> Failure?
  {
    let task = Task {
      do {
        try await send(body, to: key, options)
        return nil as Failure?
      } catch {
        return Failure(error)
      }
    }
    let ended = Recorder<Failure?>()
    let waiting = Task { ended.append(await task.value) }
    defer { waiting.cancel() }
    _ = try await eventually {
      if !ended.all.isEmpty { return true }
      clock.advance(by: .seconds(1))
      return false
    }
    return ended.all.first ?? Failure(.internal, "it has not ended")
  }

  func step(_ key: String, _ options: [(String, Configuration)] = []) throws -> any Step {
    let all: [(String, Configuration)] = [
      ("bucket", "\(ObjectStore.bucket)"), ("key", "\(key)"), ("endpoint", "\(store.url)"),
    ]
    let given = Set(options.map(\.0))
    let made = try ComponentLoader([.s3], context: context)
      .make(.destination, "s3", Configuration(entries: all.filter { !given.contains($0.0) } + options))
    guard case .step(let step) = made else { throw Failure(.internal, "expected a step") }
    return step
  }

  /// A stream of so many bytes, in pieces, that tells what its bytes are by their place.
  static func stream(_ count: Int, piece: Int = 100_000, breaks: Bool = false, length: Int? = nil) -> BodyStream {
    let place = Place()
    return BodyStream(length: length) {
      let start = place.take(piece)
      guard start < count else {
        if breaks { throw Failure(.unavailable, "the stream broke") }
        return nil
      }
      let end = min(start + piece, count)
      let offset = start % period.count
      return twice.withUnsafeBytes { Array($0[offset..<offset + end - start]) }
    }
  }

  /// The bytes of such a stream.
  static func bytes(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count { bytes += period }
    return bytes.withUnsafeBytes { Array($0[..<count]) }
  }

  /// What comes again and again, with a length that is no multiple of anything that parts are made of.
  private static let twice = period + period
  private static let period = (0..<1_299_709).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
}
