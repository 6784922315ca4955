import Omnibus
import OmnibusExpression
import OmnibusTesting

/// A file of CEL's conformance suite (cel-spec, `tests/simple/testdata`).
struct ConformanceSuite {
  struct Outcome {
    var passed = 0
    var failed: [String] = []
    var skipped: [String] = []
  }

  let file: String

  /// Runs all cases. Those that need protobuf messages of the suite, or a container, are skipped.
  func run(_ material: PublishedMaterial) throws -> Outcome {
    let root = TextProto.parse(try material.bytes(of: "tests/simple/testdata/\(file)"))
    var result = Outcome()
    for section in root.all("section") {
      for test in section.all("test") {
        let name = "\(section.first("name")?.string ?? "")/\(test.first("name")?.string ?? "")"
        let text = test.first("expr")?.string ?? ""
        if test.first("container") != nil || text.contains("TestAllTypes") {
          result.skipped.append(name)
          continue
        }
        if let problem = check(test, text) { result.failed.append("\(name): \(problem)") } else { result.passed += 1 }
      }
    }
    return result
  }

  /// What is wrong with the outcome of a case; nil where it is as expected.
  private func check(_ test: TextProto, _ text: String) -> String? {
    var variables: [String: Value] = [:]
    for binding in test.all("bindings") {
      guard let name = binding.first("key")?.string, let value = Self.read(binding.first("value")?.first("value"))
      else {
        return "a binding cannot be read"
      }
      variables[name] = value
    }
    let outcome = Result<Value, any Error> { try evaluate(text, variables: variables) }
    let isError = test.first("eval_error") != nil || test.first("any_eval_errors") != nil
    switch outcome {
    case .failure(let error): return isError ? nil : "failed: \(error)"
    case .success(let value):
      if isError { return "gave \(value), expected an error" }
      let expected =
        test.first("value") ?? test.first("typed_result")?.first("result")
        ?? .message([TextProto.Field(name: "bool_value", value: .scalar("true"))])
      guard let wanted = Self.read(expected) else { return "the expected value cannot be read" }
      return Self.isSame(value.resolved, wanted) ? nil : "gave \(value), expected \(wanted)"
    }
  }

  /// A value of the suite (cel-spec, `proto/cel/expr/value.proto`).
  private static func read(_ node: TextProto?) -> Value? {
    guard case .message(let fields)? = node, let field = fields.first else { return nil }
    let content = field.value
    switch field.name {
    case "null_value": return .null
    case "bool_value": return .bool(content.string == "true")
    case "int64_value": return content.string.flatMap(Int64.init).map(Value.int)
    case "uint64_value": return content.string.flatMap(UInt64.init).map(Value.uint)
    case "double_value": return content.string.flatMap(Double.init).map(Value.double)
    case "string_value": return content.string.map(Value.string)
    case "bytes_value": return content.bytes.map(Value.bytes)
    case "type_value": return content.string.map(Value.type)
    case "list_value": return .list(content.all("values").compactMap { read($0) })
    case "map_value":
      var map = ValueMap()
      for entry in content.all("entries") {
        guard let key = read(entry.first("key")), let member = read(entry.first("value")) else { return nil }
        map.append(uniqueKey: key, member)
      }
      return .map(map)
    default: return nil
    }
  }

  /// Whether both are of the same type and equal.
  private static func isSame(_ a: Value, _ b: Value) -> Bool {
    switch (a.resolved, b.resolved) {
    case (.null, .null): true
    case (.bool(let a), .bool(let b)): a == b
    case (.int(let a), .int(let b)): a == b
    case (.uint(let a), .uint(let b)): a == b
    case (.double(let a), .double(let b)): a == b || (a.isNaN && b.isNaN)
    case (.string(let a), .string(let b)): a.utf8.elementsEqual(b.utf8)
    case (.bytes(let a), .bytes(let b)): a == b
    case (.type(let a), .type(let b)): a == b
    case (.list(let a), .list(let b)): a.count == b.count && zip(a, b).allSatisfy { isSame($0, $1) }
    case (.map(let a), .map(let b)):
      a.count == b.count
        && a.entries.allSatisfy { entry in
          b.entries.contains { isSame(entry.key, $0.key) && isSame(entry.value, $0.value) }
        }
    default: false
    }
  }
}
