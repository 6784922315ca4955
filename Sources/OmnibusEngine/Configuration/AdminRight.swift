public import Omnibus

/// What somebody may do by the admin API.
public enum AdminRight: String, OptionEnum {
  /// See how routes, breakers, queues and generations stand, and dead letters without their messages.
  case viewMetadata = "view_metadata"
  /// See the messages of dead letters, headers and bodies.
  case viewBody = "view_body"
  /// Send dead letters through their routes again.
  case replay
  /// Change how the engine runs: routes, reload, rollback, breakers, dropping dead letters.
  case operate
  /// See the configuration, and change what is logged.
  case configure
}
