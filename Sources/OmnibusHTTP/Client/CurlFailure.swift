internal import CCurl
internal import Glibc
internal import Omnibus

/// What an error of libcurl means for the message.
struct CurlFailure {
  let code: CURLcode
  /// The `errno` of a connect that failed, else 0.
  let systemError: Int32
  /// The status with which a proxy answered the request for a tunnel; 0 for none.
  let tunnelStatus: Int
  /// Whether the request, or a part of it, may have reached the peer.
  let isSent: Bool
  let request: HTTPClientRequest

  /// The failure; its reason says nothing of the message. Whatever went wrong after the request was sent, be it on a
  /// second connection because the first one broke, says nothing of what became of it.
  var failure: Failure { isSent ? request.failureAfterSending(cause) : cause }

  private var cause: Failure {
    if !isSent, tunnelStatus >= 300 { return refusedTunnel }
    switch code {
    case CURLE_OPERATION_TIMEDOUT: return timedOut
    case CURLE_COULDNT_RESOLVE_HOST: return Failure(.unavailable, "the host's name could not be resolved")
    case CURLE_COULDNT_RESOLVE_PROXY: return Failure(.unavailable, "the proxy's name could not be resolved")
    case CURLE_COULDNT_CONNECT: return Failure(.unavailable, "could not connect" + systemText)
    case CURLE_URL_MALFORMAT: return Failure(.invalid, "the url is malformed")
    case CURLE_UNSUPPORTED_PROTOCOL where !isSent:
      return Failure(.invalid, "the url is neither http nor https")
    case CURLE_TOO_MANY_REDIRECTS: return Failure(.unavailable, "more than 10 redirects")
    case CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE, CURLE_SEND_FAIL_REWIND,
      CURLE_HTTP2, CURLE_HTTP2_STREAM:
      return broken
    case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING, CURLE_HTTP_RETURNED_ERROR:
      return Failure(.unavailable, "the answer is not well-formed http")
    case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
      CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS:
      return Failure(.unavailable, "no secure connection: \(text)")
    case CURLE_OUT_OF_MEMORY: return Failure(.internal, "out of memory")
    default: return isSent ? broken : Failure(.unavailable, text)
    }
  }

  private var refusedTunnel: Failure {
    Failure(
      tunnelStatus == 407 || tunnelStatus == 403 ? .unauthorized : .unavailable, "the proxy answered \(tunnelStatus)")
  }

  private var timedOut: Failure {
    guard isSent else {
      return Failure(.timeout, "no connection within \(min(request.connectTimeout, request.timeout).text)")
    }
    let reason =
      request.streams ? "nothing was heard for \(request.timeout.text)" : "no answer within \(request.timeout.text)"
    return Failure(.timeout, reason)
  }

  private var broken: Failure {
    let reason =
      switch code {
      case CURLE_PARTIAL_FILE: "the answer broke off"
      case CURLE_GOT_NOTHING: "the connection was closed before an answer came"
      default: "the connection broke" + systemText
      }
    return Failure(.unavailable, reason)
  }

  private var systemText: String {
    systemError == 0 ? "" : ": " + String(cString: strerror(systemError)).lowercased()
  }

  private var text: String { String(cString: curl_easy_strerror(code)).lowercased() }
}
