internal import Glibc

/// The sources of a module: every file below a folder that a compiler reads.
struct Sources {
  private static let extensions: Set = ["swift", "c", "cc", "cpp", "h", "hpp", "S", "modulemap"]

  let folder: String

  /// A number, in hexadecimal, that changes with the name or the bytes of any file.
  var digest: String {
    var digest = Digest()
    for name in files("").sorted() {
      let bytes = read("\(folder)/\(name)")
      digest.add(Array("\(name)\0\(bytes.count)\0".utf8))
      digest.add(bytes)
    }
    return digest.text
  }

  /// A number, in hexadecimal, that changes with what the manifest in the folder says of the language: features decide
  /// how functions are called.
  var settingsDigest: String {
    let manifest = String(decoding: read("\(folder)/Package.swift"), as: UTF8.self)
    var digest = Digest()
    for line in manifest.split(separator: "\n") where line.contains("tools-version") || line.contains("Feature(\"") {
      digest.add(Array(line.utf8))
    }
    return digest.text
  }

  /// The names of the files, from the folder on.
  private func files(_ path: String) -> [String] {
    guard let directory = opendir("\(folder)/\(path)") else { InterfaceStamp.fail("\(folder)/\(path) cannot be read") }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard !name.hasPrefix(".") else { continue }
      var information = stat()
      guard stat("\(folder)/\(path)\(name)", &information) == 0 else { continue }
      if information.st_mode & S_IFMT == S_IFDIR {
        names += files("\(path)\(name)/")
      } else if let dot = name.lastIndex(of: "."), Self.extensions.contains(String(name[name.index(after: dot)...])) {
        names.append("\(path)\(name)")
      }
    }
    return names
  }

  private func read(_ path: String) -> [UInt8] {
    guard let file = fopen(path, "r") else { InterfaceStamp.fail("\(path) cannot be read") }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = fread(&buffer, 1, buffer.count, file)
      if count == 0 { return bytes }
      bytes += buffer[..<count]
    }
  }
}
