internal import Omnibus
internal import OmnibusExpression

/// The options of `to: file`.
struct FileDestinationOptions: Options {
  enum Mode: String, OptionEnum { case create, append, replace }

  @Option(help: "the folder to write into; made where it is missing", check: { $0.isEmpty ? "must not be empty" : nil })
  var directory: String

  @Option(
    help: "the name of the file, without slashes, and with no dot in front",
    check: { $0.constant.flatMap(FileName.problem).map { "is no name for a file: \($0)" } })
  var name: TextTemplate

  @Option(help: "what to do with a file that is there: fail as rejected, write behind its end, or write in its place")
  var mode: Mode = .create

  @Option(help: "in mode append: write a line break behind a body that does not end in one")
  var newline: Bool = false

  @Option(help: "in mode append: the line that a new file starts with", default: "none")
  var heading: TextTemplate? = nil

  func validate(_ node: Node, in scope: LoadScope) {
    scope.reportData(directory, in: "directory", of: node)
    for name in ["newline", "heading"] where mode != .append {
      guard let option = node[name] else { continue }
      scope.report(
        "conflicting-options", at: option.location, "\(scope.subject): \(name) has no meaning with mode \(mode)",
        help: "leave it out, or write mode: append")
    }
  }
}
