extension ExpressionType {
  /// `a string`, `an int`.
  var withArticle: String { self == .null ? "null" : "\("aeio".contains(name.first ?? "x") ? "an" : "a") \(name)" }

  /// Whether it is an optional value for certain.
  var isOptional: Bool { if case .optional = self { true } else { false } }

  /// What an index or a selection gives.
  var value: ExpressionType {
    switch self {
    case .list(let element): element
    case .map(let value): value
    default: .dyn
    }
  }
}
