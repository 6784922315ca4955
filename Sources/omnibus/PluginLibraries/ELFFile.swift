internal import Glibc

/// A shared library as it lies in its file (System V ABI, chapter 4: ELF, 64 bits, little-endian), read without running any
/// of it. Whatever it says of itself is checked against the size of the file.
struct ELFFile {
  /// A section of the file.
  struct Section {
    let name: String
    let type: UInt32
    let offset: UInt64
    let size: UInt64
    /// The section that this one refers to: of a symbol table the one with the names.
    let link: Int
  }

  /// A symbol of the file.
  struct Symbol {
    let name: String
    /// Whether the file has it, or takes it from elsewhere.
    let isDefined: Bool
  }

  /// The symbols that the loader of the system sees.
  static let dynamicSymbols: UInt32 = 11
  /// All symbols; may have been stripped.
  static let allSymbols: UInt32 = 2
  private static let maxSections = 4096
  private static let maxName = 4096

  private let file: FileRegions
  private let sections: [Section]

  /// The file at `path`, its section table read.
  init(_ path: String) throws(LibraryProblem) {
    file = try FileRegions(path)
    sections = try Self.sections(of: file)
  }

  /// The bytes of the section called `name`; nil where there is none.
  func bytes(ofSection name: String, limit: UInt64) throws(LibraryProblem) -> [UInt8]? {
    guard let section = sections.first(where: { $0.name == name }) else { return nil }
    guard section.size <= limit else { throw .damaged("the section \(name) has \(section.size) bytes") }
    return try file.read(section.offset, section.size)
  }

  /// Of the table of a type the symbols of Swift, which begin with `$s`: those that the file takes from elsewhere, and
  /// the descriptors of types that it has (`Mn` in Swift's ABI).
  func swiftSymbols(_ type: UInt32) throws(LibraryProblem) -> [Symbol] {
    guard let section = sections.first(where: { $0.type == type }) else { return [] }
    guard sections.indices.contains(section.link) else { throw .damaged("a symbol table without names") }
    let table = try file.read(section.offset, section.size)
    let names = try file.read(sections[section.link].offset, sections[section.link].size)
    return table.withUnsafeBytes { table in
      names.withUnsafeBytes { names in
        stride(from: 0, to: table.count - 23, by: 24).compactMap { Self.swiftSymbol(table, at: $0, names) }
      }
    }
  }

  private static func swiftSymbol(
    _ table: UnsafeRawBufferPointer, at entry: Int, _ names: UnsafeRawBufferPointer
  ) -> Symbol? {
    let start = Int(UInt32(littleEndian: table.loadUnaligned(fromByteOffset: entry, as: UInt32.self)))
    guard start + 4 < names.count, names[start] == UInt8(ascii: "$"), names[start + 1] == UInt8(ascii: "s"),
      let begin = names.baseAddress.map({ $0 + start })
    else { return nil }
    let room = min(names.count - start, maxName)
    let length = memchr(begin, 0, room).map { UnsafeRawPointer($0) - begin } ?? room
    let isDefined = table.loadUnaligned(fromByteOffset: entry + 6, as: UInt16.self) != 0
    let isDescriptor =
      length > 4 && names[start + length - 2] == UInt8(ascii: "M") && names[start + length - 1] == UInt8(ascii: "n")
    guard !isDefined || isDescriptor else { return nil }
    return Symbol(
      name: String(decoding: UnsafeRawBufferPointer(start: begin, count: length), as: UTF8.self), isDefined: isDefined)
  }

  // MARK: the header and the section table

  private static func sections(of file: FileRegions) throws(LibraryProblem) -> [Section] {
    guard file.size >= 4, try file.read(0, 4) == [0x7F, 0x45, 0x4C, 0x46] else {
      throw LibraryProblem("is no ELF file, expected a shared library")
    }
    guard file.size >= 64 else { throw .damaged("it has only \(file.size) bytes") }
    let header = try file.read(0, 64)
    guard header[4] == 2, header[5] == 1, header.number(at: 18, UInt16.self) == Machine.own.number else {
      let machine = Machine(header)
      throw LibraryProblem("is for \(machine), expected one for \(Machine.own)")
    }
    guard header.number(at: 16, UInt16.self) == 3 else {
      throw LibraryProblem("is no shared library, though an ELF file")
    }
    let count = Int(header.number(at: 60, UInt16.self))
    guard header.number(at: 58, UInt16.self) == 64, (1...maxSections).contains(count) else {
      throw .damaged("it has no section table")
    }
    let table = try file.read(header.number(at: 40, UInt64.self), UInt64(count) * 64)
    let raw = stride(from: 0, to: table.count, by: 64).map { entry in
      (
        name: Int(table.number(at: entry, UInt32.self)),
        section: Section(
          name: "", type: table.number(at: entry + 4, UInt32.self), offset: table.number(at: entry + 24, UInt64.self),
          size: table.number(at: entry + 32, UInt64.self), link: Int(table.number(at: entry + 40, UInt32.self)))
      )
    }
    let namesIndex = Int(header.number(at: 62, UInt16.self))
    guard raw.indices.contains(namesIndex) else { throw .damaged("its sections have no names") }
    let names = try file.read(raw[namesIndex].section.offset, raw[namesIndex].section.size)
    return raw.map { name, section in
      let text = name < names.count ? names[name...].prefix { $0 != 0 }.prefix(256) : []
      return Section(
        name: String(decoding: text, as: UTF8.self), type: section.type, offset: section.offset, size: section.size,
        link: section.link)
    }
  }
}

extension [UInt8] {
  /// The little-endian number at `index`, which is inside.
  fileprivate func number<Number: FixedWidthInteger>(at index: Int, _ type: Number.Type) -> Number {
    withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(fromByteOffset: index, as: type)) }
  }
}
