internal import Omnibus
internal import OmnibusReactor
internal import Synchronization

/// Gives a public key, armoured, for those who are to encrypt to it.
struct PublicKeyStep: Step {
  /// The answer for the keys that it was made of.
  private final class Made: Sendable {
    let known = Mutex<(keys: KeyMaterial, text: [UInt8])?>(nil)
  }

  private let ring: KeyRing
  private let key: KeyName
  private let made = Made()

  init(_ options: PublicKeyStepOptions, _ context: Context) throws {
    ring = try Worker.ring(of: options.keys, context)
    key = options.key
    guard !ring.isFetched else { return }
    do throws(Failure) { _ = try Self.export(key, ring.loaded, ring, context) } catch {
      throw OptionProblem("key", error.reason)
    }
  }

  func process(_ message: inout Message, _ context: Context) async throws -> Next {
    let keys = try await ring.material(context)
    let known = made.known.withLock { known in known?.keys === keys ? known?.text : nil }
    let text: [UInt8]
    if let known {
      text = known
    } else {
      text = try await context.blocking.run { [key, ring] in try Self.export(key, keys, ring, context) }
      made.known.withLock { $0 = (keys, text) }
    }
    message.body = .bytes(text)
    message.contentType = "application/pgp-keys"
    return .next
  }

  private static func export(
    _ key: KeyName, _ keys: KeyMaterial, _ ring: KeyRing, _ context: Context
  ) throws(Failure) -> [UInt8] {
    try ring.provider.export(key, of: keys, isArmored: true, at: context.time)
  }
}
