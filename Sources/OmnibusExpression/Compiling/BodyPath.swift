import Omnibus

/// Names and places that are written out from `body` on, such as `body.name[0].family`: read straight off the index of
/// a JSON text.
struct BodyPath: Sendable {
  private enum Step: Sendable {
    case member(String, [UInt8], Span)
    case element(Int, Span)
  }

  private let steps: [Step]

  /// The path that `node` is; nil where it is anything else.
  init?(_ node: Checked) {
    var steps: [Step] = []
    var node = node
    while true {
      switch node.kind {
      case .variable(.body):
        self.steps = steps.reversed()
        return
      case .select(let operand, let name, isOptional: false):
        steps.append(.member(name, Array(name.utf8), node.span))
        node = operand
      case .index(let operand, let index, isOptional: false):
        switch index.kind {
        case .literal(.string(let name)): steps.append(.member(name, Array(name.utf8), node.span))
        case .literal(.int(let place)): steps.append(.element(Int(place), node.span))
        default: return nil
        }
        node = operand
      default: return nil
      }
    }
  }

  /// The place in the text, where the body is JSON text and the path leads somewhere.
  @inline(__always)
  func find(_ frame: borrowing Frame) -> JSONCursor? {
    guard var cursor = frame.json else { return nil }
    for step in steps {
      let next =
        switch step {
        case .member(_, let name, _): cursor.member(name)
        case .element(let place, _): cursor.element(place)
        }
      guard let next else { return nil }
      cursor = next
    }
    return cursor
  }

  /// Evaluates the path, whatever the body is.
  @Sendable func evaluate(_ frame: inout Frame) throws(Fault) -> Value {
    if let cursor = find(frame) { return .json(cursor.node) }
    var value = frame.body
    for step in steps {
      switch step {
      case .member(let name, _, let span):
        do throws(Fault) {
          value = value.isMap ? try frame.select(value, name) : try frame.index(orSelect: value, name)
        } catch { throw error.at(span) }
      case .element(let place, let span):
        do throws(Fault) { value = try frame.index(value, .int(Int64(place))) } catch { throw error.at(span) }
      }
    }
    return value
  }
}

extension Frame {
  /// Says why there is no member in what is no map.
  fileprivate func index(orSelect value: Value, _ name: String) throws(Fault) -> Value {
    switch value.resolved {
    case .null: throw Fault("no such key: \"\(name)\" of null")
    default: return try select(value, name)
    }
  }
}
