import Omnibus

/// A version of JSON Schema.
enum Draft: String, OptionEnum {
  /// draft-handrews-json-schema-01, with draft-handrews-json-schema-validation-01.
  case draft7 = "7"
  /// draft-handrews-json-schema-02, with draft-handrews-json-schema-validation-02.
  case draft201909 = "2019-09"
  /// draft-bhutton-json-schema-01, with draft-bhutton-json-schema-validation-01.
  case draft202012 = "2020-12"

  /// The URI of its meta-schema.
  var metaSchema: String {
    switch self {
    case .draft7: "http://json-schema.org/draft-07/schema"
    case .draft201909: "https://json-schema.org/draft/2019-09/schema"
    case .draft202012: "https://json-schema.org/draft/2020-12/schema"
    }
  }
}
