import Omnibus

/// The options of `validate_json`.
struct ValidateJSONOptions: Options {
  @Option(help: "the file with the JSON Schema; relative to the routes file")
  var schema: String

  @Option(help: "the version of JSON Schema that files without $schema are written in")
  var draft: Draft = .draft202012

  @Option(
    help:
      "the files of schemas that others name by a URI: a file for a URI, or a folder for one that ends in \"/\"; nothing is fetched from a network",
    default: "none")
  var documents: OptionMap<String> = OptionMap()

  @Option(help: "whether a value must have the format that the keyword format names")
  var checkFormats: Bool = false

  @Option(
    help:
      "whether the places of problems show names of members that no schema names; otherwise they are \"*\", for such a name may tell of a patient as a value does"
  )
  var showAllNames: Bool = false
}
