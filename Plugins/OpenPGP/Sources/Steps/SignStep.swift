internal import Omnibus

/// Signs the body: with the signature around it, or apart.
struct SignStep: Step {
  private let options: SignOptions
  private let worker: Worker
  private let order: Order

  init(_ options: SignOptions, _ context: Context) throws {
    guard !options.keys.secretKeys.isEmpty else { throw OptionProblem.noSecretKeys }
    self.options = options
    order = .sign(options.order)
    worker = try Worker(options.keys, for: order, context)
  }

  func process(_ message: inout Message, _ context: Context) async throws -> Next {
    guard options.isAside else {
      try await worker.replaceBody(of: &message, by: order, context)
      switch options.form {
      case .message: message.contentType = "application/pgp"
      case .cleartext: message.contentType = "text/plain"
      case .detached: message.contentType = "application/pgp-signature"
      }
      return .next
    }
    let signature = try await signature(&message, context)
    if let header = options.header { message.headers[header] = Base64.encode(signature) }
    if let property = options.property {
      message.properties[property] = .string(String(decoding: signature, as: UTF8.self))
    }
    return .next
  }

  /// The signature; a body that is a stream is kept while it is read.
  private func signature(_ message: inout Message, _ context: Context) async throws -> [UInt8] {
    let keys = try await worker.ring.material(context)
    var outcome: Worker.Outcome
    if case .stream(let stream) = message.body {
      try await worker.check(order, keys, context)
      try stream.claim()
      let holding = Worker.Holding(memoryLimit: 1 << 20, folder: options.spool)
      outcome = try await worker.run(order, on: stream, keys, context, holding: holding, isCopied: true)
      if let copied = outcome.copied { message.body = copied.body(context) }
    } else {
      outcome = try await worker.run(order, on: try message.bodyBytes(), keys, context)
    }
    guard case .bytes(let signature) = outcome.made else { throw Failure(.internal, "the signature is too large") }
    return signature
  }
}
