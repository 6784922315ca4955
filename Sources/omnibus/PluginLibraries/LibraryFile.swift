internal import Glibc

/// What a file must be for the program to open it as a library, as far as that can be seen without running any of it.
enum LibraryFile {
  /// Throws what is wrong with the file at `path`.
  static func check(_ path: String) throws(LibraryProblem) {
    let file = try ELFFile(path)
    let symbols = try file.swiftSymbols(ELFFile.dynamicSymbols) + file.swiftSymbols(ELFFile.allSymbols)
    if let own = symbols.first(where: { $0.isDefined && isOfProgram($0.name) }) {
      throw LibraryProblem(
        "brings its own copy of what the program has, such as \(Demangled.text(own.name)): casts and catches would miss",
        help: "build it by swift package omnibus-plugin, which links only what the program does not have")
    }
    guard let stamp = try file.bytes(ofSection: InterfaceStamp.section, limit: InterfaceStamp.maxSize) else {
      throw LibraryProblem("has no interface stamp, so nobody knows whether it fits", help: LibraryProblem.rebuild)
    }
    if let problem = InterfaceStamp(stamp).problem(in: .program) { throw problem }
    guard symbols.contains(where: { !$0.isDefined && $0.name.hasPrefix("$s7Omnibus") }) else {
      throw LibraryProblem("takes nothing of Omnibus from the program", help: LibraryProblem.rebuild)
    }
  }

  /// Whether a type of this name is in the program. A library has descriptors of its own types only, but copies of
  /// functions of others, which the compiler made for it; so only descriptors count (`Mn` in Swift's ABI).
  private static func isOfProgram(_ symbol: String) -> Bool {
    symbol.hasSuffix("Mn") && dlsym(dlopen(nil, RTLD_NOW), symbol) != nil
  }
}
