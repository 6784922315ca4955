extension Checked {
  /// Whether evaluating it may read the body.
  var readsBody: Bool {
    switch kind {
    case .variable(let variable): variable == .body
    case .literal, .local, .fault: false
    default: children.contains { $0.readsBody }
    }
  }

  private var children: [Checked] {
    switch kind {
    case .literal, .local, .fault, .variable: []
    case .select(let operand, _, _), .has(let operand, _), .not(let operand), .negate(let operand): [operand]
    case .index(let a, let b, _), .binary(_, let a, let b), .bind(_, let a, in: let b),
      .optionalMap(let a, _, let b, _),
      .optionalOr(let a, let b, _):
      [a, b]
    case .call(_, let arguments), .and(let arguments), .or(let arguments): arguments
    case .list(let elements): elements.map(\.value)
    case .map(let entries): entries.flatMap { [$0.key, $0.value] }
    case .conditional(let a, let b, let c): [a, b, c]
    case .comprehension(let macro): [macro.range, macro.body] + (macro.condition.map { [$0] } ?? [])
    case .block(let values, in: let body): values.map(\.value) + [body]
    }
  }
}
