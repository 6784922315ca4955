internal import CLibYAML
internal import Omnibus

/// Reads YAML 1.1 as libyaml does, into nodes that know where they stand. Aliases are replaced by what they name, merge
/// keys (`<<`, yaml.org/type/merge) are applied; duplicate keys are refused, and so is input that grows out of bounds.
enum YAMLParser {
  /// How deep nodes may nest.
  static let maxDepth = 64
  /// How many nodes one file may hold, each alias counted with all that it stands for.
  static let maxNodes = 100_000
  /// How many problems of one file are reported before the rest of it is left unread.
  static let maxProblems = 100

  /// The document in `bytes`, nil for a file without one, and what is wrong with it; nothing but problems where not all
  /// of it can be read. `file` is the path that locations show.
  static func parse(_ bytes: [UInt8], file: String) -> (node: Node?, problems: [Diagnostic]) {
    do throws(Diagnostic) {
      try refuseInvalidUTF8(bytes, file: file)
      return try compose(bytes, file: file)
    } catch {
      return (nil, [error])
    }
  }

  private static func compose(
    _ bytes: [UInt8], file: String
  ) throws(Diagnostic) -> (node: Node?, problems: [Diagnostic]) {
    var parser = yaml_parser_t()
    guard yaml_parser_initialize(&parser) == 1 else {
      throw Diagnostic("yaml-syntax", at: Location(file: file, line: 1, column: 1), "out of memory")
    }
    defer { yaml_parser_delete(&parser) }
    // The parser keeps the pointer: nothing of it may be called outside of this closure.
    return bytes.withUnsafeBufferPointer { buffer in
      yaml_parser_set_input_string(&parser, buffer.baseAddress, buffer.count)
      var composer = YAMLComposer(&parser, file: file)
      do throws(Diagnostic) {
        let node = try composer.document()
        return (node, composer.problems)
      } catch {
        return (nil, composer.problems + [error])
      }
    }
  }

  private static func refuseInvalidUTF8(_ bytes: [UInt8], file: String) throws(Diagnostic) {
    do {
      _ = try UTF8Span(validating: bytes.span)
    } catch {
      let valid = bytes[..<error.byteOffsets.lowerBound]
      let line = valid.count { $0 == UInt8(ascii: "\n") } + 1
      let column = String(decoding: valid.suffix { $0 != UInt8(ascii: "\n") }, as: UTF8.self).unicodeScalars.count + 1
      throw Diagnostic(
        "invalid-utf8", at: Location(file: file, line: line, column: column), "a byte here is not valid UTF-8",
        help: "save the file as UTF-8")
    }
  }
}

extension ArraySlice<UInt8> {
  fileprivate func suffix(_ predicate: (UInt8) -> Bool) -> ArraySlice<UInt8> {
    self[(lastIndex { !predicate($0) }.map { $0 + 1 } ?? startIndex)...]
  }
}
