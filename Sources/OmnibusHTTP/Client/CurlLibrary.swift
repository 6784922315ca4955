internal import CCurl
internal import Glibc

/// libcurl as a whole: set up once a process, and looked at.
enum CurlLibrary {
  /// What keeps libcurl from being used; nil when all is well.
  static let problem: String? = {
    guard curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK else { return "libcurl could not be set up" }
    // OpenSSL writes with `write`: a peer that went away would end the process.
    signal(SIGPIPE, SIG_IGN)
    guard let version = omnibus_curl_version() else { return "libcurl does not tell its version" }
    // Without it a name look-up would hold the reactor.
    guard version.pointee.features & CURL_VERSION_ASYNCHDNS != 0 else {
      return "libcurl looks names up in the foreground, expected one built with a threaded resolver"
    }
    return nil
  }()
}
