import FlatFilePlugin
import Omnibus
import OmnibusTesting
import Testing

/// The published suite github.com/max-mapper/csv-spectrum.
@Suite("csv-spectrum")
struct CSVSpectrumTests {
  static let material = PublishedMaterial("csv-spectrum")

  @Test("every file reads as its JSON says", .enabled(if: material.isPresent))
  func suite() throws {
    let files = try Self.material.files(in: "csvs")
    #expect(files.count == 12)
    for file in files {
      let name = String(file.dropLast(4))
      let text = String(decoding: try Self.material.bytes(of: "csvs/\(file)"), as: UTF8.self)
      // The one file that is not what RFC 4180 says.
      let options: Configuration = name == "location_coordinates" ? ["bare_quotes": true] : [:]
      let found = try FlatFileRun.parse(text, options)
      let expected = try JSONDocument(parsing: Self.material.bytes(of: "json/\(name).json")).root
      if name == "location_coordinates" {
        // Its JSON is one object instead of a list, and has another telephone number.
        #expect(throws: Failure.self) { try FlatFileRun.parse(text) }
        let record = try JSONDocument(parsing: Array(found.utf8)).root.elements?.first
        for member in ["Location Coordinates", "Cities", "Counties"] {
          #expect(record?.member(member)?.string == expected.member(member)?.string)
        }
      } else {
        #expect(found == (try compact(expected)), "\(name)")
      }
    }
  }

  private func compact(_ value: Value) throws -> String {
    let records = (value.elements ?? []).map { record in
      var map = ValueMap()
      if case .json(let node) = record { node.forEachMember { map[$0] = .json($1) } }
      return Value.map(map)
    }
    return String(decoding: try Value.list(records).jsonBytes(), as: UTF8.self)
  }
}

extension Value {
  /// The elements of a JSON array.
  fileprivate var elements: [Value]? {
    guard case .json(let node) = self, node.kind == .array else { return nil }
    var list: [Value] = []
    node.forEachElement { list.append(.json($0)) }
    return list
  }
}
