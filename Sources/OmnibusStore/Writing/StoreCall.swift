internal import Omnibus

/// Whatever is to be done on the writer's thread, with a result.
// The result is written and read by the writer's thread alone; all else is constant.
final class StoreCall<Result: Sendable>: StoreOperation, @unchecked Sendable {
  let kind: StoreOperationKind
  let size: Int
  private let body: @Sendable (StoreCore) throws(Failure) -> Result
  private let continuation: UnsafeContinuation<Result, any Error>
  private var result: Result?

  init(
    _ kind: StoreOperationKind, size: Int, _ continuation: UnsafeContinuation<Result, any Error>,
    _ body: @escaping @Sendable (StoreCore) throws(Failure) -> Result
  ) {
    self.kind = kind
    self.size = size
    self.continuation = continuation
    self.body = body
  }

  func run(_ core: StoreCore) throws(Failure) { result = try body(core) }

  func answer() {
    guard let result else { return fail(Failure(.internal, "the store has not done what it was asked for")) }
    continuation.resume(returning: result)
  }

  func fail(_ failure: Failure) { continuation.resume(throwing: failure) }
}
