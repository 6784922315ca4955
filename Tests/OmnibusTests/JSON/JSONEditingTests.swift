import Omnibus
import Testing

@Suite("editing JSON")
struct JSONEditingTests {
  private func document(_ text: String) throws -> JSONDocument { try JSONDocument(parsing: Array(text.utf8)) }

  private func text(_ document: JSONDocument) throws -> String {
    String(decoding: try document.serialize(), as: UTF8.self)
  }

  @Test("a document that was only read goes out as the very bytes that came in")
  func passThrough() throws {
    let text = " { \"a\" : 1.00 , \"a\":2 } \n"
    #expect(try self.text(document(text)) == text)
  }

  @Test(
    "an edit copies the containers on the path, and the rest keeps its bytes",
    arguments: [
      ("a.b", #"{"a":{"b":"new","c":[ 1.0, 2 ]},"d":{ "e": 1 }}"#),
      ("a.c[1]", #"{"a":{"b":true,"c":[1.0,"new"]},"d":{ "e": 1 }}"#),
      ("a.c[2]", #"{"a":{"b":true,"c":[1.0,2,"new"]},"d":{ "e": 1 }}"#),
      ("x.y.z", #"{"a":{ "b": true, "c": [ 1.0, 2 ] },"d":{ "e": 1 },"x":{"y":{"z":"new"}}}"#),
      ("d[\"e\"]", #"{"a":{ "b": true, "c": [ 1.0, 2 ] },"d":{"e":"new"}}"#),
    ])
  func set(path: String, expected: String) throws {
    var document = try document(#"{ "a": { "b": true, "c": [ 1.0, 2 ] }, "d": { "e": 1 } }"#)
    try document.set(JSONPath(parsing: path), to: .string("new"))
    #expect(try text(document) == expected)
  }

  @Test(
    "an edit that does not fit says why, and changes nothing",
    arguments: [
      ("a.b.c", "cannot set a.b.c: a.b is a bool, and a name needs a map"),
      ("a[0]", "cannot set a[0]: a is a map, and an index needs a list"),
      ("a.c[3]", "cannot set a.c[3]: a.c is a list of 2, which has no place for index 3"),
      ("a.c.x", "cannot set a.c.x: a.c is a list, and a name needs a map"),
      ("x.y[1]", "cannot set x.y[1]: x.y is null, and an index needs a list"),
    ])
  func mismatches(path: String, reason: String) throws {
    var document = try document(#"{"a":{"b":true,"c":[1,2]}}"#)
    #expect {
      try document.set(JSONPath(parsing: path), to: .null)
    } throws: {
      ($0 as? Failure)?.reason == reason
    }
    #expect(try text(document) == #"{"a":{"b":true,"c":[1,2]}}"#)
  }

  @Test(
    "removing takes away members and elements, and nothing where nothing is",
    arguments: [
      ("a.b", #"{"a":{"c":[1,2]}}"#), ("a.c[0]", #"{"a":{"b":true,"c":[2]}}"#), ("a", "{}"),
      ("a.x.y", #"{"a":{"b":true,"c":[1,2]}}"#), ("a.c[2]", #"{"a":{"b":true,"c":[1,2]}}"#),
    ])
  func remove(path: String, expected: String) throws {
    var document = try document(#"{"a":{"b":true,"c":[1,2]}}"#)
    document.remove(try JSONPath(parsing: path))
    #expect(try text(document) == expected)
  }

  @Test(
    "paths are written as they are read",
    arguments: ["a", "a.b[0].c", "[2].id", "a[\"x y\"]", "a[\"\\\"\"]", "résumé.x-y"])
  func paths(text: String) throws {
    #expect(try JSONPath(parsing: text).description == text)
  }

  @Test(
    "texts that are no paths say where",
    arguments: [
      ("", 0), ("a.", 2), (".a", 0), ("a[", 2), ("a[x]", 2), ("a[0", 3), ("a b", 1), ("a[\"x]", 6),
      ("a[99999999999999999999]", 2),
    ])
  func badPaths(text: String, offset: Int) {
    #expect { try JSONPath(parsing: text) } throws: { ($0 as? JSONPath.Problem)?.offset == offset }
  }
}
