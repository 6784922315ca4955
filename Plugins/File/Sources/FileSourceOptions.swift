internal import Omnibus

/// The options of `from: file`.
struct FileSourceOptions: Options {
  enum Order: String, OptionEnum { case name, modified }

  enum Ready: String, OptionEnum { case settled, moved, closed }

  @Option(help: "the folder to take files from", check: { $0.isEmpty ? "must not be empty" : nil })
  var directory: String

  @Option(
    help: "which names to take: * stands for any characters, ? for one, [a-z] for one of several",
    check: { $0.isEmpty || $0.contains("/") ? "must be a name, not a path" : nil })
  var pattern: String = "*"

  @Option(help: "which of several files comes first: by name, or the one that was modified first")
  var order: Order = .name

  @Option(help: "look when the system tells of new files, beside every poll; file systems of a network tell nothing")
  var watch: Bool = true

  @Option(help: "how often to look into the folder", range: .milliseconds(10)...Duration.seconds(86_400))
  var poll: Duration = .seconds(1)

  @Option(help: "how long size and modification time must have stood still before a file is taken")
  var settle: Duration = .seconds(2)

  @Option(
    help:
      "which files need not settle: none, those that are renamed into the folder, or those too whose writer closes them"
  )
  var ready: Ready = .settled

  @Option(help: "leave a file that another program holds locked, by flock or fcntl, until it is unlocked")
  var respectLocks: Bool = false

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

  @Option(
    help: "several engines share the folder; the files of one that shows no sign of life for so long go to the others",
    default: "none, this engine is the only one",
    check: { ($0 ?? .seconds(1)) < .seconds(1) ? "must be at least 1s" : nil })
  var takeoverAfter: Duration? = nil

  @Option(help: "larger files are read piece by piece while they are worked on, smaller ones at once")
  var streamAbove: ByteSize = ByteSize(bytes: 16 << 20)

  func validate(_ node: Node, in scope: LoadScope) {
    scope.reportData(directory, in: "directory", of: node)
    scope.reportData(done, in: "done", of: node)
    scope.reportData(failed, in: "failed", of: node)
    for name in ["settle", "ready"] where doneFile != nil { reportUseless(name, "with done_file", of: node, in: scope) }
    if !watch, ready != .settled { reportUseless("ready", "without watch", of: node, in: scope) }
  }

  private func reportUseless(_ name: String, _ reason: String, of node: Node, in scope: LoadScope) {
    guard let option = node[name] else { return }
    scope.report(
      "conflicting-options", at: option.location, "\(scope.subject): \(name) has no meaning \(reason)",
      help: "leave one of them out")
  }
}
