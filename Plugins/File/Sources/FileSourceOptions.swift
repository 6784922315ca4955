internal import Omnibus

/// The options of `from: file`.
struct FileSourceOptions: Options {
  enum Order: String, OptionEnum { case name, modified }

  @Option(help: "the folder to take files from", check: { $0.isEmpty ? "must not be empty" : nil })
  var directory: String

  @Option(
    help: "which names to take: * stands for any characters, ? for one, [a-z] for one of several",
    check: { $0.isEmpty || $0.contains("/") ? "must be a name, not a path" : nil })
  var pattern: String = "*"

  @Option(help: "which of several files comes first: by name, or the one that was modified first")
  var order: Order = .name

  @Option(help: "how often to look into the folder", range: .milliseconds(10)...Duration.seconds(86_400))
  var poll: Duration = .seconds(1)

  @Option(help: "how long size and modification time must have stood still before a file is taken")
  var settle: Duration = .seconds(2)

  @Option(
    help: "take a file once another one says that it is complete, such as \"{name}.done\", and remove that with it",
    default: "none", check: { $0.map(DoneFile.problem) ?? nil })
  var doneFile: String? = nil

  @Option(help: "where files go whose messages succeeded; made where it is missing", default: "done in the folder")
  var done: String? = nil

  @Option(help: "where files go whose messages failed; made where it is missing", default: "failed in the folder")
  var failed: String? = nil

  @Option(help: "how many files to work on at once; more than one means in no order", range: 1...1_000)
  var maxInFlight: Int = 1

  @Option(help: "larger files are read piece by piece while they are worked on, smaller ones at once")
  var streamAbove: ByteSize = ByteSize(bytes: 16 << 20)

  func validate(_ node: Node, in scope: LoadScope) {
    scope.reportData(directory, in: "directory", of: node)
    scope.reportData(done, in: "done", of: node)
    scope.reportData(failed, in: "failed", of: node)
  }
}

/// The name of the file that says that another one is complete.
struct DoneFile: Sendable {
  private let before: String
  private let after: String

  /// What is wrong with a pattern; nil for nothing.
  static func problem(_ pattern: String) -> String? {
    guard pattern.components(around: "{name}").count == 2, pattern != "{name}" else {
      return "must hold {name} once, and more than that"
    }
    return pattern.contains("/") ? "must be a name, not a path" : nil
  }

  /// From a pattern without problems.
  init(_ pattern: String) {
    let parts = pattern.components(around: "{name}")
    before = parts.first ?? ""
    after = parts.count > 1 ? parts[1] : ""
  }

  /// The file that says so for `name`.
  func name(for name: String) -> String { before + name + after }

  /// Whether `name` is such a file.
  func matches(_ name: String) -> Bool {
    name.utf8.count > before.utf8.count + after.utf8.count && name.hasPrefix(before) && name.hasSuffix(after)
  }
}

extension String {
  fileprivate func components(around separator: String) -> [String] {
    split(separator: separator, omittingEmptySubsequences: false).map(String.init)
  }
}
