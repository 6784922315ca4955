internal import Omnibus

/// Why somebody is not let in.
enum LoginRefusal: String, Error, CaseIterable {
  /// There is no token, and nobody is let in without.
  case missing
  /// What came is no token that is known.
  case invalid
  /// Who brings no token asks for another host than this machine: a page of somebody else that a browser was made to
  /// send here by a name that leads to this machine (DNS rebinding).
  case foreignHost = "foreign_host"

  /// The answer. It does not say what would have been right.
  var problem: AdminProblem {
    switch self {
    case .missing:
      AdminProblem(401, "unauthorized", "A token is needed", headers: ["www-authenticate": "Bearer realm=\"omnibus\""])
    case .invalid:
      AdminProblem(
        401, "unauthorized", "The token is not known",
        headers: ["www-authenticate": "Bearer realm=\"omnibus\", error=\"invalid_token\""])
    case .foreignHost: AdminProblem(403, "forbidden", "The host is not this machine")
    }
  }
}
