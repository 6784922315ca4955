internal import Omnibus
internal import OmnibusEngine

/// Writes a configuration as YAML that could be its file, with where each value comes from as comments.
enum ConfigurationText {
  /// The text, with a line break at its end.
  static func write(_ configuration: EngineConfiguration) -> String {
    var lines: [(text: String, comment: String)] = []
    var open: [Substring] = []
    for setting in configuration.settings {
      let keys = setting.key.split(separator: ".")
      let folders = Array(keys.dropLast())
      let common = zip(open, folders).prefix { $0 == $1 }.count
      for depth in common..<max(common, folders.count) { lines.append((indent(depth) + "\(folders[depth]):", "")) }
      open = folders
      let name = keys.last ?? ""
      if let description = setting.description {
        lines.append((indent(folders.count) + "# \(name): \(description)", "default"))
      } else {
        lines.append((indent(folders.count) + "\(name): \(text(setting.value))", source(setting)))
      }
    }
    let width = lines.map(\.text.count).filter { $0 <= 60 }.max() ?? 0
    return lines.map { line in
      guard !line.comment.isEmpty else { return line.text + "\n" }
      let padding = String(repeating: " ", count: max(1, width + 2 - line.text.count))
      return "\(line.text)\(padding)# \(line.comment)\n"
    }.joined()
  }

  private static func indent(_ depth: Int) -> String { String(repeating: "  ", count: depth) }

  private static func source(_ setting: EffectiveSetting) -> String { setting.place.map { "\($0)" } ?? "default" }

  private static func text(_ value: Value) -> String {
    switch value {
    case .list(let elements) where elements.isEmpty: "[]"
    case .list(let elements): "[ \(elements.map(text).joined(separator: ", ")) ]"
    case .map(let map): "{ \(map.entries.map { "\(text($0.key)): \(text($0.value))" }.joined(separator: ", ")) }"
    case .string(let string): scalar(string)
    case .int(let number): "\(number)"
    case .bool(let flag): "\(flag)"
    default: "null"
    }
  }

  private static func scalar(_ text: String) -> String {
    let isPlain =
      !text.isEmpty && text != "null"
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
          UInt8(ascii: "/"):
          true
        default: false
        }
      } && !text.hasPrefix("-")
    return isPlain ? text : "\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
  }
}
