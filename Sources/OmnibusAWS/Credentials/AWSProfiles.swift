/// The profiles of the shared config and credentials files (AWS SDKs and Tools Reference Guide, "Shared config and
/// credentials files").
struct AWSProfiles {
  /// Profiles of more than this many are not read.
  private static let most = 10_000

  private(set) var profiles: [String: [String: String]] = [:]

  /// Those of the files that `environment` names, or that lie in `~/.aws`; what the credentials file says comes before
  /// what the config file says. A file that is not there has none. Blocks.
  init(_ environment: AWSEnvironment) {
    let home = environment["HOME"] ?? ""
    let config = environment["AWS_CONFIG_FILE"] ?? "\(home)/.aws/config"
    let credentials = environment["AWS_SHARED_CREDENTIALS_FILE"] ?? "\(home)/.aws/credentials"
    if let bytes = AWSFile.read(config) { add(bytes, isConfig: true) }
    if let bytes = AWSFile.read(credentials) { add(bytes, isConfig: false) }
  }

  init(config: [UInt8], credentials: [UInt8]) {
    add(config, isConfig: true)
    add(credentials, isConfig: false)
  }

  /// What the profile `name` says; nil where there is none.
  subscript(_ name: String) -> [String: String]? { profiles[name] }

  private mutating func add(_ bytes: [UInt8], isConfig: Bool) {
    var section: String?
    for line in bytes.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
      // A line that is indented belongs to the setting before it, and is of no use here.
      guard let first = line.first, first != 0x20, first != 0x09, first != UInt8(ascii: "#"), first != UInt8(ascii: ";")
      else { continue }
      let text = String(decoding: line, as: UTF8.self)
      if first == UInt8(ascii: "[") {
        section = Self.section(text, isConfig: isConfig)
        if let section, profiles[section] == nil, profiles.count < Self.most { profiles[section] = [:] }
      } else if let section, let equals = text.firstIndex(of: "=") {
        let name = Self.trimmed(text[..<equals]).lowercased()
        profiles[section]?[name] = Self.value(text[text.index(after: equals)...])
      }
    }
  }

  /// The name of the profile that a line such as `[profile care]` begins; nil for what is no profile.
  private static func section(_ line: String, isConfig: Bool) -> String? {
    guard let end = line.firstIndex(of: "]") else { return nil }
    let name = trimmed(line[line.index(after: line.startIndex)..<end])
    guard isConfig, name != "default" else { return name }
    let words = name.split(separator: " ", maxSplits: 1).map { trimmed($0) }
    return words.count == 2 && words[0] == "profile" ? words[1] : nil
  }

  /// A value without what is a comment: `#` or `;` behind a space.
  private static func value(_ text: Substring) -> String {
    var value = text
    for mark in [" #", " ;", "\t#", "\t;"] {
      if let comment = value.firstRange(of: mark) { value = value[..<comment.lowerBound] }
    }
    return trimmed(value)
  }

  private static func trimmed(_ text: Substring) -> String {
    var text = text
    while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
    while let last = text.last, last == " " || last == "\t" { text.removeLast() }
    return String(text)
  }
}
