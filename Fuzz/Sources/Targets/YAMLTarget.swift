import DirectPlugin
import FilePlugin
import FlatFilePlugin
import FlowPlugin
import JSONPlugin
import Logging
import Omnibus
import OmnibusEngine
import OmnibusReactor
import RESTPlugin
import ResiliencePlugin
import TimerPlugin

extension FuzzTarget {
  /// A routes file, as `omnibus check` reads it: definitions or problems, each of which can be shown.
  static let yaml = FuzzTarget(name: "yaml") { bytes in
    let files = RouteFiles([.init(path: "fuzz.yaml", bytes: bytes)])
    let problems = engine.check(files)
    let renderer = DiagnosticRenderer(files: files, colour: false)
    for problem in problems.prefix(20) {
      try hold(!renderer.render(problem).isEmpty, "a problem without words")
    }
  }

  private static let engine: Engine = {
    do {
      let environment = EngineEnvironment(
        reactors: try ReactorGroup(count: 1), logger: Logger(label: "fuzz") { _ in SwiftLogNoOpLogHandler() },
        settings: SettingsReader { $0 == "HOME" ? "/nonexistent" : nil })
      return Engine(
        plugins: [.direct, .file, .flatFile, .flow, .json, .resilience, .rest, .timer], environment: environment)
    } catch {
      preconditionFailure("no reactor: \(error)")
    }
  }()
}
