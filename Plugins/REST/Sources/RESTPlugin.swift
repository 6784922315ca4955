public import Omnibus

extension Plugin {
  /// Takes HTTP requests, and makes them.
  public static let rest = Plugin(
    name: "rest", version: "0.1.0",
    components: [
      .source(
        "rest", "Takes HTTP requests to a path, and answers each with what the route made of it.",
        RESTSourceOptions.self
      ) { options, context in try RESTSource(options, context) },
      .source(
        "openapi", "Answers with an OpenAPI document of the rest routes on the same address.",
        OpenAPISourceOptions.self
      ) { options, context in try options.source(context) },
      .destination(
        "rest", "Sends the message to a web address, and takes the answer.", RESTDestinationOptions.self, answers: true
      ) { options, context in RESTDestination(options, context) },
      .transformer(
        "parse_multipart", "Decodes a form with its files (multipart/form-data), held in memory.",
        ParseMultipart.Settings.self
      ) { settings, _ in ParseMultipart(settings: settings) },
      .splitter(
        "multipart", "Cuts a form (multipart/form-data) into its fields and files, one at a time.",
        MultipartSplitter.Settings.self
      ) { settings, _ in MultipartSplitter(settings: settings) },
    ])
}
