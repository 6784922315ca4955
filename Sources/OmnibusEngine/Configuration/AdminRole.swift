public import Omnibus

/// A bundle of rights of the admin API.
public enum AdminRole: String, OptionEnum {
  /// Sees metadata.
  case viewer
  /// Sees metadata, operates, and replays.
  case `operator`
  /// Has all rights.
  case admin

  /// The rights in it.
  public var rights: Set<AdminRight> {
    switch self {
    case .viewer: [.viewMetadata]
    case .operator: [.viewMetadata, .operate, .replay]
    case .admin: Set(AdminRight.allCases)
    }
  }
}
