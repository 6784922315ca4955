internal import OmnibusReactor
internal import Synchronization

/// Decides which messages are traced, and holds the spans of those until somebody fetches them. What finds no room is
/// dropped and counted: messages never wait for it.
public final class Tracer: Sendable {
  /// The spans that one trace may have in this engine: a file of a million records is one message.
  static let maxSpans = 1000

  private final class Buffer: Sendable {
    let spans = Mutex<[Span]>([])
  }

  private let threshold: UInt64
  private let capacity: Int
  /// One for each of so many reactors, so that they hardly ever meet at a lock, and one for other threads.
  private let buffers: [Buffer]
  private let cells = ShardedCells(2)
  /// The spans in all buffers, and those on the way there.
  private let held = Atomic<Int>(0)

  /// Traces that share of the messages which begin a trace, 0 to 1; of those that come with one, those that the sender
  /// traces. Holds `capacity` spans at the most.
  public init(sample: Double, capacity: Int = 16_384) {
    threshold = sample >= 1 ? .max : sample <= 0 ? 0 : UInt64(sample * Double(UInt64.max))
    self.capacity = capacity
    buffers = (0..<9).map { _ in Buffer() }
  }

  /// How many spans were recorded so far.
  public var recorded: Int { cells[0] }

  /// How many spans found no room so far.
  public var dropped: Int { cells[1] }

  /// The spans that have ended since the last call.
  public func take() -> [Span] {
    buffers.flatMap { buffer in
      buffer.spans.withLock { spans in
        defer { spans = [] }
        held.subtract(spans.count, ordering: .relaxed)
        return spans
      }
    }
  }

  func add(_ span: Span) {
    guard held.wrappingAdd(1, ordering: .relaxed).oldValue < capacity else {
      held.subtract(1, ordering: .relaxed)
      return drop()
    }
    let reactor = Reactor.current.map { $0.index % (buffers.count - 1) } ?? buffers.count - 1
    buffers[reactor].spans.withLock { $0.append(span) }
    cells.add(to: 0)
  }

  func drop() { cells.add(to: 1) }

  /// The context of a message that came with `parent`, or with none, before its route's own span.
  func context(under parent: TraceContext?, wallTime: Double) -> TraceContext {
    if let parent {
      guard parent.isSampled, parent.recording == nil else { return parent }
      return TraceContext(
        traceID: parent.traceID, spanID: parent.spanID, isSampled: true, state: parent.state,
        recording: SpanRecording(self, wallTime: wallTime))
    }
    let trace = TraceID()
    // As TraceIdRatioBased of OpenTelemetry: whoever samples less takes a subset.
    let isSampled = trace.low < threshold || threshold == .max
    return TraceContext(
      traceID: trace, spanID: SpanID(0), isSampled: isSampled,
      recording: isSampled ? SpanRecording(self, wallTime: wallTime) : nil)
  }
}
