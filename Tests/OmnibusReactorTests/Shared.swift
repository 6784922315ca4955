import OmnibusReactor
import Synchronization

/// A noncopyable value that several closures hold.
final class Shared<Value: ~Copyable & Sendable>: Sendable {
  let value: Value
  init(_ value: consuming Value) { self.value = value }
}

/// What closures on several threads have noted, in order.
final class Collected<Element: Sendable>: Sendable {
  private let elements = Mutex<[Element]>([])

  func append(_ element: Element) { elements.withLock { $0.append(element) } }

  var all: [Element] { elements.withLock { $0 } }
}

extension Reactor {
  /// Returns when all that was handed over before has run.
  func turn() async {
    await withUnsafeContinuation { continuation in execute { continuation.resume() } }
  }
}
