internal import Glibc

/// A process that has written its number into a file, and has the file's name in its environment: by that it is known, as the
/// number is another's some time after its end.
struct NotedProcess {
  /// The variable that names the file.
  let variable: String
  /// The path of the file.
  let file: String

  private var mark: String { "\(variable)=\(file)" }

  /// Sends it a signal; false where it has ended.
  @discardableResult
  func signal(_ number: Int32) -> Bool {
    guard let text = Self.read(file), let id = pid_t(String(decoding: text, as: UTF8.self).filter(\.isNumber)), id > 1,
      let environment = Self.read("/proc/\(id)/environ"),
      environment.split(separator: 0).contains(where: { $0.elementsEqual(mark.utf8) })
    else { return false }
    return kill(id, number) == 0
  }

  /// What kills it, for a shell.
  var killScript: String {
    "{ id=$(cat \(file)) && tr '\\0' '\\n' < /proc/$id/environ | grep -qxF \(mark) && kill -9 $id; }"
  }

  private static func read(_ path: String) -> [UInt8]? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    return Array(bytes[..<fread(&bytes, 1, bytes.count, file)])
  }
}
