internal import Omnibus

extension Worker {
  /// A worker with the keys of a step, which are checked as far as they are known. A key that has expired keeps no route from
  /// being loaded: it fails the messages.
  init(_ options: KeyRingOptions, for order: Order, _ context: Context) throws {
    ring = try Self.ring(of: options, context)
    guard !ring.isFetched else { return }
    do throws(Failure) {
      try ring.provider.check(order.allowing(.expiredKey), with: ring.loaded, at: context.time)
    } catch {
      throw OptionProblem(nil, error.reason)
    }
  }

  /// The keys of a step.
  static func ring(of options: KeyRingOptions, _ context: Context) throws -> KeyRing {
    do throws(Failure) { return try KeyRing.shared(options, context) } catch {
      throw OptionProblem("keys", error.reason)
    }
  }

  /// Makes a body of what `order` makes of the present one; a stream of a stream.
  func replaceBody(of message: inout Message, by order: Order, _ context: Context) async throws {
    let keys = try await ring.material(context)
    guard case .stream(let body) = message.body else {
      message.body = try await run(order, on: try message.bodyBytes(), keys, context).made.body(context)
      return
    }
    try await check(order, keys, context)
    try body.claim()
    message.body = .stream(try stream(order, on: body, keys, context))
  }

  /// What is in the body, once all of it is known to be good.
  func open(
    _ message: inout Message, by order: Order, _ context: Context, _ limits: OpeningOptions, isCopied: Bool = false
  ) async throws -> Outcome {
    let keys = try await ring.material(context)
    guard case .stream(let body) = message.body else {
      return try await run(
        order, on: try message.bodyBytes(), keys, context, within: limits.bounds, holding: limits.holding)
    }
    try await check(order, keys, context)
    try body.claim()
    return try await run(
      order, on: body, keys, context, within: limits.bounds, holding: limits.holding, isCopied: isCopied)
  }
}

extension Order {
  /// The order for one who allows more.
  fileprivate func allowing(_ weakness: Weakness) -> Order {
    switch self {
    case .encrypt(var order):
      order.allowed.insert(weakness)
      return .encrypt(order)
    case .sign(var order):
      order.allowed.insert(weakness)
      return .sign(order)
    case .decrypt, .verify: return self
    }
  }
}

extension OptionProblem {
  /// A step that needs secret keys has none.
  static var noSecretKeys: OptionProblem {
    OptionProblem(
      "keys", "there are no secret keys", help: "write secret: [ { file: keys/ours.asc, passphrase: \"${env:…}\" } ]")
  }
}

extension ProviderReport {
  /// What later steps see of it, in `properties.<step id>`.
  var value: Value {
    let signers = signers.map { signer in
      Value.map(
        ValueMap([
          ("fingerprint", .string(signer.fingerprint)), ("user", signer.user.map(Value.string) ?? .null),
        ]))
    }
    return .map(ValueMap([("signers", .list(signers))]))
  }
}
