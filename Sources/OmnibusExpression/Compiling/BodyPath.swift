import Omnibus

/// Names and places that are written out from `body` on, such as `body.name[0].family`: read straight off the index of
/// a JSON text.
final class BodyPath: Sendable {
  private enum Step: Sendable {
    case member(String, Span)
    case element(Int, Span)
  }

  /// A step without anything that is counted: the bytes of a name in `names`, or else the place of an element.
  private struct Place: Sendable {
    let name: Range<Int>?
    let element: Int
  }

  private let steps: [Step]
  private let places: [Place]
  private let names: [UInt8]

  /// The path that `node` is; nil where it is anything else.
  init?(_ node: Checked) {
    guard let steps = Self.steps(node) else { return nil }
    var names: [UInt8] = []
    self.steps = steps
    places = steps.map { step in
      switch step {
      case .member(let name, _):
        let start = names.count
        names += name.utf8
        return Place(name: start..<names.count, element: 0)
      case .element(let place, _): return Place(name: nil, element: place)
      }
    }
    self.names = names
  }

  private static func steps(_ node: Checked) -> [Step]? {
    var steps: [Step] = []
    var node = node
    while true {
      switch node.kind {
      case .variable(.body): return steps.reversed()
      case .select(let operand, let name, isOptional: false):
        steps.append(.member(name, node.span))
        node = operand
      case .index(let operand, let index, isOptional: false):
        switch index.kind {
        case .literal(.string(let name)): steps.append(.member(name, node.span))
        case .literal(.int(let place)): steps.append(.element(Int(place), node.span))
        default: return nil
        }
        node = operand
      default: return nil
      }
    }
  }

  /// The place in the text, where the body is JSON text and the path leads somewhere.
  func find(_ frame: inout Frame) throws(Fault) -> JSONCursor? {
    guard var cursor = frame.json else { return nil }
    return try names.withUnsafeBufferPointer { names throws(Fault) in
      for place in places {
        try frame.charge(passing: cursor.count)
        let next =
          if let name = place.name {
            cursor.member(UnsafeBufferPointer(rebasing: names[name]))
          } else {
            cursor.element(place.element)
          }
        guard let next else { return nil }
        cursor = next
      }
      return cursor
    }
  }

  /// Evaluates the path, whatever the body is.
  @Sendable func evaluate(_ frame: inout Frame) throws(Fault) -> Value {
    if let cursor = try find(&frame) { return .json(cursor.node) }
    var value = frame.body
    for step in steps {
      switch step {
      case .member(let name, let span):
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
  fileprivate mutating func index(orSelect value: Value, _ name: String) throws(Fault) -> Value {
    switch value.resolved {
    case .null: throw Fault("no such key: \"\(name)\" of null")
    default: return try select(value, name)
    }
  }
}
