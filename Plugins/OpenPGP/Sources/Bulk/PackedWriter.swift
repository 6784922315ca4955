internal import CZlib
internal import Omnibus

/// Packs data into a packet (RFC 4880, 5.6). A thread of its own deflates every second block, as that takes longer than all
/// else that is done to a message. For one thread at a time.
final class PackedWriter {
  private static let blockSize = 256 << 10

  private let form: Form
  private let deflater: BlockDeflater
  /// What the other thread is to deflate, each block behind a whole window, and what becomes of it.
  private let (blocks, deflated) = (Pipe(), Pipe())
  private var packet = PartWriter(tag: 8)
  /// What is to be packed, behind as much of what was packed as the window holds.
  private var text: [UInt8] = []
  private var packed = 0
  private var sum = adler32(0, nil, 0)

  /// Nil for a packing that zlib does not know.
  init?(_ compression: Compression, level: Int) throws(Failure) {
    guard let form = Form(compression) else { return nil }
    guard let deflater = BlockDeflater(windowBits: form.windowBits, level: level),
      let other = BlockDeflater(windowBits: form.windowBits, level: level)
    else { throw Failure(.overloaded, "there is no memory to pack data") }
    (self.form, self.deflater) = (form, deflater)
    [form.number].withUnsafeBytes { packet.write($0) }
    form.head.withUnsafeBytes { packet.write($0) }
    // nonisolated(unsafe): the companion alone uses it.
    nonisolated(unsafe) let lane = other
    _ = try Companion(named: "openpgp-pack") { [blocks, deflated] in
      while let block = blocks.read(), !block.isEmpty {
        let (before, block) = (block.prefix(form.window), block.dropFirst(form.window))
        guard let made = try? lane.deflated(block, behind: before) else { return deflated.fail() }
        guard deflated.write(made) else { return }
      }
    }
  }

  deinit { blocks.end() }

  /// Adds data; what there is of the packet then, or nil.
  func write(_ bytes: UnsafeRawBufferPointer) throws(Damaged) -> [UInt8]? {
    text.append(contentsOf: bytes)
    while text.count - packed >= 2 * Self.blockSize { try packTwo() }
    return packet.take()
  }

  /// The rest of the packet.
  func finish() throws(Damaged) -> [UInt8] {
    add(try deflater.deflated(text[packed...], behind: text[..<packed], isLast: true))
    if form.hasSum {
      count(text[packed...])
      add((0..<4).map { UInt8(truncatingIfNeeded: sum >> (24 - 8 * $0)) })
    }
    return packet.finish()
  }

  private func packTwo() throws(Damaged) {
    let (middle, end) = (packed + Self.blockSize, packed + 2 * Self.blockSize)
    guard blocks.write(Array(text[(middle - form.window)..<end])) else { throw Damaged() }
    add(try deflater.deflated(text[packed..<middle], behind: text[..<packed]))
    if form.hasSum { count(text[packed..<end]) }
    guard let second = deflated.read() else { throw Damaged() }
    add(second)
    text.removeFirst(end - form.window)
    packed = form.window
  }

  private func add(_ content: [UInt8]) { content.withUnsafeBytes { packet.write($0) } }

  private func count(_ text: ArraySlice<UInt8>) {
    sum = text.withUnsafeBufferPointer { adler32(sum, $0.baseAddress, UInt32($0.count)) }
  }
}

extension PackedWriter {
  /// How a packing that zlib knows is written.
  private struct Form {
    /// In OpenPGP (RFC 4880, 9.3).
    let number: UInt8
    let windowBits: Int32
    /// What stands before what is deflated (RFC 1950, 2.2).
    let head: [UInt8]
    let hasSum: Bool

    var window: Int { 1 << Int(windowBits) }

    init?(_ compression: Compression) {
      switch compression {
      case .none, .bzip2: return nil
      // The window is that of PGP.
      case .zip: (number, windowBits, head, hasSum) = (1, 13, [], false)
      case .zlib: (number, windowBits, head, hasSum) = (2, 15, [0x78, 0x9C], true)
      }
    }
  }
}
