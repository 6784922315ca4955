/// What sort of machine an ELF file is for.
struct Machine: CustomStringConvertible {
  let number: UInt16
  let bits: Int
  let isLittleEndian: Bool

  /// The machine that this program was built for.
  static var own: Machine {
    #if arch(arm64)
      Machine(number: 183)
    #else
      Machine(number: 62)
    #endif
  }

  /// The machine of a file with this header, of at least 20 bytes.
  init(_ header: [UInt8]) {
    isLittleEndian = header[5] == 1
    bits = header[4] == 2 ? 64 : 32
    let (low, high) = (UInt16(header[18]), UInt16(header[19]))
    number = isLittleEndian ? low | high << 8 : high | low << 8
  }

  private init(number: UInt16) {
    self.number = number
    bits = 64
    isLittleEndian = true
  }

  var description: String {
    let names: [UInt16: String] = [3: "x86", 40: "ARM", 62: "x86-64", 183: "AArch64", 243: "RISC-V"]
    let name = names[number] ?? "machine \(number)"
    return "\(name) (\(bits) bits, \(isLittleEndian ? "little" : "big")-endian)"
  }
}
