internal import Omnibus

/// What a request says before its body.
struct RequestHead {
  /// How the end of the body is found (RFC 9112, 6.3).
  enum Framing: Equatable {
    case none
    case length(Int)
    case chunked
  }

  var method = ""
  var target = ""
  var path = ""
  var query = ""
  var headers = Headers()
  var isVersion10 = false
  var keepsAlive = true
  var framing = Framing.none
  var expectsContinue = false

  /// Whether bytes follow that belong to the request.
  var hasBody: Bool { framing != .none && framing != .length(0) }
}
