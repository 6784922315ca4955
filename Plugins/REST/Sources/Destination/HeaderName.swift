internal import OmnibusHTTP

/// Names of header fields that a route may set.
enum HeaderName {
  /// What keeps a name from being set by a route; nil when nothing does.
  static func problem(_ name: String) -> String? {
    guard FieldName.isToken(name.utf8) else { return "is no name for a header" }
    return FieldName.isFraming(name.utf8) ? "is for the client alone to set" : nil
  }
}
