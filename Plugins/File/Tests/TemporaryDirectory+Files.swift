import Glibc
import OmnibusTesting

extension TemporaryDirectory {
  /// The size of the file `name`; nil when there is none.
  func size(_ name: String) -> Int? {
    var status = stat()
    return stat("\(path)/\(name)", &status) == 0 ? Int(status.st_size) : nil
  }

  /// The names of what is in the folder `name`.
  func names(_ name: String) -> [String] {
    guard let folder = opendir("\(path)/\(name)") else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      names.append(
        withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        })
    }
    return names
  }

  /// Gives a file another name, at once.
  func rename(_ name: String, _ other: String) { _ = Glibc.rename("\(path)/\(name)", "\(path)/\(other)") }

  /// Removes a file or an empty folder.
  func remove(_ name: String) { _ = Glibc.remove("\(path)/\(name)") }

  /// Makes a file of `count` zeros that takes no room.
  func makeHole(_ name: String, _ count: Int) {
    write(name, "")
    _ = truncate("\(path)/\(name)", count)
  }
}
