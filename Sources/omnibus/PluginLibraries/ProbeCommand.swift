internal import ArgumentParser
internal import Glibc
internal import Omnibus

/// `omnibus plugin-probe`: opens a library and says on descriptor 3 what it brings. The program starts it to see whether
/// it survives that, before it opens the library itself.
struct ProbeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: name, shouldDisplay: false)

  /// The name of the command.
  static let name = "plugin-probe"
  /// Where the report goes: the library may write to the others.
  static let reportDescriptor: Int32 = 3

  @Argument var path: String

  func run() throws {
    // Whoever started this ends it sooner; this is for the case that nobody is left to.
    alarm(60)
    let report: Value
    do throws(LibraryProblem) {
      report = LibraryContents(try OpenLibrary.plugin(path)).value
    } catch {
      let help = error.help.map { [("help", Value.string($0))] } ?? []
      report = .map(ValueMap([("problem", .string(error.message))] + help))
    }
    Terminal.write(try JSONDocument(report).serialize(), to: Self.reportDescriptor)
    // Not by way of what the library may have left to be done at the exit.
    _exit(0)
  }
}
