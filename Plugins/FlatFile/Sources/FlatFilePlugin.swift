public import Omnibus

extension Plugin {
  /// Flat files: delimited text (RFC 4180 and its dialects) and fixed width, described by a layout, read record by record
  /// or as a whole, and written.
  public static let flatFile = Plugin(
    name: "flat_file",
    version: "0.1.0",
    components: [
      .splitter(
        "flat_file", "Cuts a flat file into its records, in constant memory.", FlatFileOptions.self,
        shared: .layout("flat_file")
      ) { options, _ in FlatFileSplitter(layout: try options.readingLayout()) },
      .transformer(
        "parse_flat_file", "Decodes a whole flat file into a list of objects.", FlatFileOptions.self,
        shared: .layout("flat_file")
      ) { options, _ in ParseFlatFile(layout: try options.readingLayout()) },
      .transformer(
        "write_flat_file", "Writes a list of objects as a flat file.", WritingOptions.self, shared: .layout("flat_file")
      ) { options, _ in
        WriteFlatFile(layout: try options.file.writingLayout(), lineEnding: options.file.lineEnding.bytes)
      },
    ])
}
