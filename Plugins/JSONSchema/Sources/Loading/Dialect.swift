/// What the keywords of a schema mean: its draft, and the vocabularies that its meta-schema declares.
struct Dialect {
  /// Sets of keywords (draft-bhutton-json-schema-01, 8.1.2).
  struct Vocabularies: OptionSet {
    let rawValue: Int

    static let applicator = Vocabularies(rawValue: 1)
    static let unevaluated = Vocabularies(rawValue: 2)
    static let validation = Vocabularies(rawValue: 4)
    static let formatAssertion = Vocabularies(rawValue: 8)
    /// Those of the draft's own meta-schema.
    static let standard: Vocabularies = [.applicator, .unevaluated, .validation]
  }

  let draft: Draft
  /// The URI of the meta-schema, without a fragment.
  let metaSchema: String
  var vocabularies = Vocabularies.standard

  /// That of a draft's own meta-schema.
  init(_ draft: Draft) {
    self.draft = draft
    metaSchema = draft.metaSchema
  }

  /// That of a meta-schema of somebody's own, which is written in `meta`.
  init(metaSchema: String, in meta: Dialect) {
    draft = meta.draft
    self.metaSchema = metaSchema
    vocabularies = meta.vocabularies
  }

  /// The vocabulary that a URI stands for; nil for one that is not known, and empty for one that asserts nothing.
  static func vocabulary(_ uri: String) -> Vocabularies? {
    let parts = uri.split(separator: "/vocab/", maxSplits: 1)
    guard parts.count == 2, ["2019-09", "2020-12"].contains(parts[0].suffix(7)),
      parts[0].dropLast(7) == "https://json-schema.org/draft/"
    else { return nil }
    return switch parts[1] {
    case "applicator": parts[0].hasSuffix("2019-09") ? [.applicator, .unevaluated] : .applicator
    case "unevaluated": .unevaluated
    case "validation": .validation
    case "format-assertion": .formatAssertion
    case "core", "meta-data", "format", "format-annotation", "content": []
    default: nil
    }
  }
}
