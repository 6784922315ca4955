internal import Omnibus
internal import OmnibusExpression

/// Verifies a signed message, which becomes what was signed, or the body by a signature that was kept apart.
struct VerifyStep: Step {
  private let options: VerifyOptions
  private let worker: Worker

  init(_ options: VerifyOptions, _ context: Context) throws {
    self.options = options
    worker = try Worker(options.keys, for: .verify(Verification(signatures: options.policy)), context)
  }

  func process(_ message: inout Message, _ context: Context) async throws -> Next {
    let text = try options.signature?.evaluate(&message, context)
    let detached = try text.map(Self.signature)
    let order = Order.verify(Verification(detached: detached, signatures: options.policy))
    let outcome = try await worker.open(&message, by: order, context, options.limits, isCopied: detached != nil)
    if detached == nil {
      message.body = outcome.made.body(context)
      message.contentType = options.contentType ?? "application/octet-stream"
    } else if let copied = outcome.copied {
      message.body = copied.body(context)
    }
    message.properties[context.step] = outcome.report.value
    return .next
  }

  private static func signature(_ text: String) throws(Failure) -> [UInt8] {
    if text.contains("-----BEGIN PGP SIGNATURE-----") { return Array(text.utf8) }
    guard let bytes = Base64.decode(text), !bytes.isEmpty else {
      throw Failure(.invalid, "the signature is neither armoured nor base64")
    }
    return bytes
  }
}
