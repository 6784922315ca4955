internal import Glibc

/// Names of symbols as people write them.
enum Demangled {
  private typealias Demangle =
    @convention(c) (
      UnsafePointer<CChar>, Int, UnsafeMutablePointer<CChar>?, UnsafeMutablePointer<Int>?, UInt32
    ) -> UnsafeMutablePointer<CChar>?

  /// What a symbol of Swift names; the symbol itself where it is none. The runtime knows.
  static func text(_ symbol: String) -> String {
    guard let function = dlsym(dlopen(nil, RTLD_NOW), "swift_demangle") else { return symbol }
    // The type is that of the function in the runtime's ABI (swift/Demangling/Demangle.h).
    guard let text = unsafeBitCast(function, to: Demangle.self)(symbol, symbol.utf8.count, nil, nil, 0) else {
      return symbol
    }
    defer { free(text) }
    return String(cString: text)
  }
}
