internal import Omnibus

/// Decrypts the body. Nobody sees any of it before all of it was verified.
struct DecryptStep: Step {
  private let options: DecryptOptions
  private let worker: Worker
  private let order: Order

  init(_ options: DecryptOptions, _ context: Context) throws {
    guard !options.keys.secretKeys.isEmpty else { throw OptionProblem.noSecretKeys }
    self.options = options
    order = .decrypt(Decryption(signatures: options.policy))
    worker = try Worker(options.keys, for: order, context)
  }

  func process(_ message: inout Message, _ context: Context) async throws -> Next {
    let outcome = try await worker.open(&message, by: order, context, options.limits)
    message.body = outcome.made.body(context)
    message.contentType = options.contentType
    message.properties[context.step] = outcome.report.value
    return .next
  }
}
