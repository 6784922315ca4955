internal import Logging
internal import Omnibus
internal import OmnibusCrypto
internal import OmnibusExpression
internal import OmnibusStore

/// Does the work of a key once: a message whose key was worked on is a duplicate, one whose key is being worked on waits for
/// how that ends. The key is remembered when the work was done, before it is acknowledged.
struct Idempotent: Middleware {
  private let key: Selection
  private let keep: Duration
  private let scope: String?
  private let wait: Duration
  private let onDuplicate: Next
  private let access: StoreAccess

  init(_ options: IdempotentOptions, _ access: StoreAccess) {
    key = options.key
    keep = options.keep
    scope = options.scope
    wait = options.wait
    onDuplicate = options.onDuplicate == .stop ? .stop : .next
    self.access = access
  }

  func handle(_ message: inout Message, _ context: Context, next: Handler) async throws -> Next {
    let scope = scope ?? context.keyScope
    if key.readsBody { try await message.decodeAside(context) }
    let key = Self.digest(try text(of: key.evaluate(&message, context)), scope)
    let store = try access.store
    let claim = KeyClaims.Key(key, in: scope)
    guard try await access.claims.claim(claim, waiting: wait, context.clock) else {
      return duplicate(&message, context)
    }
    var isDone = false
    defer { access.claims.end(claim, isDone: isDone) }
    isDone = try await store.remembers(key, in: scope)
    if isDone { return duplicate(&message, context) }
    let letter = message.properties["dead_letter"]?.string
    let result = try await next(&message, context)
    // What ended as a dead letter is not done, though it ended well.
    guard message.properties["dead_letter"]?.string == letter else { return result }
    await remember(key, scope, store, context)
    isDone = true
    return result
  }

  /// The work is done whatever becomes of its key, and to say otherwise would have it done twice for certain.
  private func remember(_ key: String, _ scope: String, _ store: any KeyStore, _ context: Context) async {
    do {
      try await store.remember(key, in: scope, for: keep)
    } catch {
      let failure = Failure(error)
      context.logger.error(
        "a key cannot be remembered, so its work would be done again",
        metadata: ["failure": "\(failure.kind.rawValue)", "reason": "\(failure.reason)"])
    }
  }

  private func duplicate(_ message: inout Message, _ context: Context) -> Next {
    context.logger.debug("a duplicate is passed over", metadata: message.logMetadata)
    context.metrics.counter(
      "omnibus_duplicates_total", "Messages whose work had been done.", [("route", context.route)]
    ).add()
    if onDuplicate == .stop {
      message.body = .empty
      message.contentType = nil
    }
    return onDuplicate
  }

  private func text(of value: Value) throws(Failure) -> String {
    let text: String? =
      switch value.resolved {
      case .string(let text): text
      case .int(let number): String(number)
      case .uint(let number): String(number)
      case .double(let number): String(number)
      case .decimal(let number): number.text
      default: nil
      }
    guard let text else {
      throw Failure(
        .invalid, "the key is \(value.kindName), expected a text or a number", component: "idempotent")
    }
    guard !text.isEmpty else { throw Failure(.invalid, "the key is empty", component: "idempotent") }
    return text
  }

  /// What the store sees of a key, which may name a patient.
  private static func digest(_ key: String, _ scope: String) -> String {
    SHA256.digest(Array("\(scope)\u{0}\(key)".utf8)).map { byte in
      let text = String(byte, radix: 16)
      return byte < 16 ? "0" + text : text
    }.joined()
  }
}

extension Context {
  /// The route, or the step that is wrapped: two steps may do different work for the same key.
  fileprivate var keyScope: String { step == "route" ? route : "\(route)/\(step)" }
}
