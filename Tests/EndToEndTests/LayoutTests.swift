import Omnibus
import OmnibusEngine
import OmnibusStore
import OmnibusTesting
import Testing

@testable import omnibus

@Suite("layouts with names")
struct LayoutTests {
  private static let routes = """
    resources:
      people:
        flat_file:
          delimiter: ";"
          columns: [{ name: number, type: integer, required: true }, { name: name }]
    routes:
      - id: parse
        from: { memory: { name: parse } }
        steps:
          - parse_flat_file: { layout: people }
          - write_flat_file: { layout: people, delimiter: "|", line_ending: lf }
      - id: split
        from: { memory: { name: split } }
        steps:
          - split:
              flat_file: { layout: people }
              steps: [{ to: { memory: { name: out } } }]
    """

  @Test("one is for reading whole, record by record, and writing, and what a step says itself holds for it")
  func named() async throws {
    let memory = MemorySystem()
    let engine = try Engine.testing(StoreAccess { MemoryStore() }, memory)
    try await engine.apply(Self.routes)
    let file = Message(
      headers: ["content-type": "text/csv"], body: .bytes(Array("number;name\r\n1;Ann\r\n2;Bo\r\n".utf8)))
    let written = try await memory.send(file, to: "parse")
    #expect(String(decoding: try written.bodyBytes(), as: UTF8.self) == "number|name\n1|Ann\n2|Bo\n")
    _ = try await memory.send(file, to: "split")
    #expect(memory.destination("out").received.all.count == 2)
    await engine.stop(grace: .zero)
  }

  @Test("a change of one is a change of the routes that name it, and of no others")
  func changed() async throws {
    let engine = try Engine.testing(StoreAccess { MemoryStore() })
    let other = "\n  - { id: other, from: { memory: { name: other } }, steps: [] }"
    try await engine.apply(Self.routes + other)
    let applied = try await engine.apply(Self.routes.replacing("type: integer", with: "type: decimal") + other)
    #expect(applied.changed == ["parse", "split"])
    #expect(applied.kept == ["other"])
    await engine.stop(grace: .zero)
  }
}
