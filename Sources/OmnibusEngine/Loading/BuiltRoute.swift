internal import Omnibus

/// A route ready to run, of one revision.
struct BuiltRoute: Sendable {
  let source: any Source
  let handler: Handler
  let context: Context
  /// What it is for, as its author says.
  let description: String?
}
