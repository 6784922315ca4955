internal import CReactor

/// The processors of the machine.
enum Processors {
  /// How many the process may use.
  static var usable: Int { Int(omnibus_usable_processors()) }
}
