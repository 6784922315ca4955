internal import Glibc
internal import Omnibus

/// Opens libraries, for good: what a library defined cannot be taken out of a Swift program again.
enum OpenLibrary {
  private typealias EntryPoint = @convention(c) (UnsafeMutableRawPointer) -> Void

  /// The plugin of the library at `path`, which passed `LibraryFile.check`.
  static func plugin(_ path: String) throws(LibraryProblem) -> Plugin {
    // With a slash, so that it is not looked for anywhere else.
    let path = path.contains("/") ? path : "./\(path)"
    guard let library = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE) else { throw problem(path) }
    guard let symbol = dlsym(library, "omnibus_plugin") else {
      throw LibraryProblem("has no function omnibus_plugin", help: LibraryProblem.rebuild)
    }
    // The command plugin made it with this type, and the stamp says that it did.
    let enter = unsafeBitCast(symbol, to: EntryPoint.self)
    return withUnsafeTemporaryAllocation(of: Plugin.self, capacity: 1) { place in
      let place = UnsafeMutableRawPointer(place.baseAddress!)  // an allocation of one has an address
      enter(place)
      return place.assumingMemoryBound(to: Plugin.self).move()
    }
  }

  /// What the loader of the system says, in words.
  private static func problem(_ path: String) -> LibraryProblem {
    let text = dlerror().map { String(cString: $0) } ?? "the system does not say why"
    let reason = text.hasPrefix("\(path): ") ? String(text.dropFirst(path.count + 2)) : text
    let mark = "undefined symbol: "
    guard let symbol = reason.range(of: mark) else { return LibraryProblem("cannot be opened: \(reason)") }
    return LibraryProblem(
      "needs \(Demangled.text(String(reason[symbol.upperBound...]))), which this program does not have",
      help: """
        if the library was built in release mode, this program must be too, by make build; \
        and what it needs beside Omnibus must be linked into it
        """)
  }
}

extension String {
  /// Where `other` begins and ends; nil where it is not part of the text.
  fileprivate func range(of other: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(other) { return start..<index(start, offsetBy: other.count) }
      start = index(after: start)
    }
    return nil
  }
}
