internal import Omnibus
internal import OmnibusEngine

/// The files of a new project, by their path within its folder.
struct ProjectFiles {
  /// One file.
  struct File {
    let path: String
    let bytes: [UInt8]
    /// Whether the program makes it, and no person writes in it.
    let isGenerated: Bool
  }

  /// The files for the components of `catalog`.
  let files: [File]

  init(catalog: Catalog) throws(Failure) {
    let writer = SchemaWriter(catalog: catalog)
    func generated(_ path: String, _ schema: JSONSchema) throws(Failure) -> File {
      File(path: path, bytes: try JSONDocument(schema.value).serialize() + Array("\n".utf8), isGenerated: true)
    }
    files = [
      File(path: "omnibus.yaml", bytes: Array(Self.configuration.utf8), isGenerated: false),
      File(path: "Routes/hello.yaml", bytes: Array(Self.routes.utf8), isGenerated: false),
      File(path: ".vscode/settings.json", bytes: Array(Self.settings.utf8), isGenerated: false),
      File(path: ".vscode/extensions.json", bytes: Array(Self.extensions.utf8), isGenerated: false),
      try generated(".omnibus/routes.schema.json", writer.routesFile()),
      try generated(".omnibus/configuration.schema.json", writer.configurationFile()),
    ]
  }

  private static let configuration = """
    # yaml-language-server: $schema=.omnibus/configuration.schema.json

    # What holds for the engine as a whole; omnibus config shows all of it. omnibus.PROFILE.yaml overrides it under
    # --profile PROFILE.
    log: { level: info }

    """

  private static let routes = """
    # yaml-language-server: $schema=../.omnibus/routes.schema.json

    routes:
      - id: hello
        description: Answers who asks for /hello/NAME.
        from:
          rest: { listen: "127.0.0.1:8080", method: GET, path: "/hello/{name}" }
        steps:
          - map: { greeting: "hello, ${ properties.request.path.name }" }

    """

  /// For files that have no line that names their schema.
  private static let settings = """
    {
      "yaml.schemas": {
        "./.omnibus/routes.schema.json": ["Routes/**/*.yaml", "!Routes/**/*.test.yaml"],
        "./.omnibus/configuration.schema.json": ["omnibus.yaml", "omnibus.*.yaml"]
      }
    }

    """

  private static let extensions = """
    {
      "recommendations": ["redhat.vscode-yaml"]
    }

    """
}
