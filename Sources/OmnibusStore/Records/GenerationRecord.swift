internal import Omnibus

/// A generation as it is written.
struct GenerationRecord: Sendable {
  let applied: Double
  let reason: String
  let routes: [UInt8]
  let files: [UInt8]

  init(_ generation: StoredGeneration) {
    applied = generation.applied
    reason = generation.reason
    var writer = RecordWriter()
    writer.write(byte: 1)
    writer.write(generation.routes.count)
    for route in generation.routes { writer.write(route) }
    routes = writer.bytes
    writer = RecordWriter()
    writer.write(byte: 1)
    writer.write(generation.files.count)
    for file in generation.files {
      writer.write(file.path)
      file.bytes.withUnsafeBufferPointer { writer.write($0) }
    }
    files = writer.bytes
  }

  static func routes(_ bytes: UnsafeRawBufferPointer) throws(Failure) -> [String] {
    var reader = RecordReader(bytes)
    guard try reader.byte() == 1 else { throw RecordReader.damaged }
    var routes: [String] = []
    for _ in 0..<(try reader.count()) { routes.append(try reader.text()) }
    try reader.end()
    return routes
  }

  static func files(_ bytes: UnsafeRawBufferPointer) throws(Failure) -> [StoredGeneration.File] {
    var reader = RecordReader(bytes)
    guard try reader.byte() == 1 else { throw RecordReader.damaged }
    var files: [StoredGeneration.File] = []
    for _ in 0..<(try reader.count()) {
      files.append(StoredGeneration.File(path: try reader.text(), bytes: Array(try reader.slice())))
    }
    try reader.end()
    return files
  }
}
