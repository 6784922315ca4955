internal import Omnibus
internal import OmnibusReactor

/// Bytes that nobody may see yet: in memory up to a size, beyond it in a spool. For one thread at a time.
struct Hold {
  /// What is held, once it may be seen.
  enum Content: Sendable {
    case bytes([UInt8])
    case spool(Spool)

    /// It as the body of a message.
    func body(_ context: Context) -> Body {
      switch self {
      case .bytes(let bytes): .bytes(bytes)
      case .spool(let spool): .stream(spool.stream(on: context.blocking))
      }
    }
  }

  private let memoryLimit: Int
  private let folder: String
  private var bytes: [UInt8] = []
  private var spool: Spool?

  /// Holds up to `memoryLimit` bytes in memory, more in a file without a name in `folder`.
  init(memoryLimit: Int, folder: String) {
    self.memoryLimit = memoryLimit
    self.folder = folder
  }

  /// What is held.
  var content: Content { spool.map(Content.spool) ?? .bytes(bytes) }

  /// Adds bytes behind the others. May block.
  mutating func append(_ more: UnsafeRawBufferPointer) throws(Failure) {
    do throws(SystemError) {
      if let spool { return try spool.write(more) }
      guard bytes.count + more.count > memoryLimit else { return bytes.append(contentsOf: more) }
      let spool = try Spool(in: folder)
      if !bytes.isEmpty { try write(bytes, to: spool) }
      try spool.write(more)
      self.spool = spool
      bytes = []
    } catch {
      throw Failure(.unavailable, "cannot spool: \(error)", cause: error)
    }
  }

  private func write(_ bytes: [UInt8], to spool: Spool) throws(SystemError) {
    var problem: SystemError?
    bytes.withUnsafeBytes { bytes in
      do throws(SystemError) { try spool.write(bytes) } catch { problem = error }
    }
    if let problem { throw problem }
  }
}
