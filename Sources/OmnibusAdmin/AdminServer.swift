internal import OmnibusHTTP

/// Serves the admin API.
public struct AdminServer: Sendable {}
