public import Omnibus

extension Plugin {
  /// Takes files from a folder, and writes files into one.
  public static let file = Plugin(
    name: "file", version: "0.1.0",
    components: [
      .source(
        "file", "Takes the files that come into a folder, and moves them on when they are done.", FileSourceOptions.self
      ) {
        options, context in FileSource(options, context)
      },
      .destination("file", "Writes the body into a file of a folder.", FileDestinationOptions.self, answers: false) {
        options, context in FileDestination(options, context)
      },
    ])
}
