public import Omnibus

/// What those may do by the admin API who bring no token.
public enum AnonymousAdmin: String, OptionEnum {
  /// Nothing.
  case none
  /// What a viewer may.
  case viewer
  /// What an operator may.
  case `operator`

  /// The rights that it comes to.
  public var rights: Set<AdminRight> {
    switch self {
    case .none: []
    case .viewer: AdminRole.viewer.rights
    case .operator: AdminRole.operator.rights
    }
  }
}
