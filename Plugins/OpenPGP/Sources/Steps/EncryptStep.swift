internal import Omnibus

/// Encrypts the body. A stream is encrypted while it is read.
struct EncryptStep: Step {
  private let worker: Worker
  private let order: Order

  init(_ options: EncryptOptions, _ context: Context) throws {
    order = .encrypt(options.order)
    worker = try Worker(options.keys, for: order, context)
    guard options.signWith.isEmpty || !options.keys.secretKeys.isEmpty else { throw OptionProblem.noSecretKeys }
  }

  func process(_ message: inout Message, _ context: Context) async throws -> Next {
    try await worker.replaceBody(of: &message, by: order, context)
    message.contentType = "application/pgp-encrypted"
    return .next
  }
}
