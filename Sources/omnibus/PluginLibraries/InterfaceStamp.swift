/// What a library was built with, as its section `.omnibus.interface` says: lines of a word and more. `Tools/InterfaceStamp`
/// writes it, for libraries and for the program.
struct InterfaceStamp {
  /// The section that has it.
  static let section = ".omnibus.interface"
  /// The longest that is read.
  static let maxSize: UInt64 = 64 << 10

  /// What this program was built with.
  static let program = InterfaceStamp(Array(programInterface.utf8))

  private let compiler: String
  private let digests: [String: String]

  init(_ bytes: [UInt8]) {
    var compiler = "an unknown compiler"
    var digests: [String: String] = [:]
    for line in String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self).split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 1)
      guard words.count == 2 else { continue }
      if words[0] == "compiler" { compiler = LogText.line(String(words[1].prefix(100))) }
      if words[0] == "settings" { digests["the language settings"] = String(words[1]) }
      let module = words[1].split(separator: " ")
      if words[0] == "module", module.count == 2 { digests[LogText.line(String(module[0]))] = String(module[1]) }
    }
    self.compiler = compiler
    self.digests = digests
  }

  /// What keeps a library with this stamp from running in a program with that of `program`; nil where nothing does.
  func problem(in program: InterfaceStamp) -> LibraryProblem? {
    guard compiler == program.compiler else {
      return LibraryProblem(
        "was built by \(compiler), this program by \(program.compiler)",
        help: "build it by the compiler of this program")
    }
    let different = Set(digests.keys).union(program.digests.keys).filter { digests[$0] != program.digests[$0] }.sorted()
    guard !different.isEmpty else { return nil }
    let names = different.prefix(8).joined(separator: ", ")
    return LibraryProblem(
      "was built for another version of Omnibus than this program is: \(names) differ\(different.count == 1 ? "s" : "")",
      help: LibraryProblem.rebuild)
  }
}
