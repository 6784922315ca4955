internal import CRabbitMQ
internal import Omnibus

/// What a broker, or the library, says is wrong, as a failure.
enum AMQPProblem {
  /// Fails where a call was not answered as it should be. `what` it was about.
  static func check(_ answer: omnibus_amqp_answer, _ what: String) throws(Failure) {
    guard answer.code == 0 else { throw refused(answer.code, answer.text.plainText, what) }
    guard answer.status == 0 else { throw lost(answer.status, what) }
  }

  /// A refusal by the broker (AMQP 0-9-1, 1.2, "reply-code"). What it says was not made of a message.
  static func refused(_ code: Int32, _ text: String, _ what: String) -> Failure {
    Failure(kind(code), "the broker refused \(what): \(code) \(text)")
  }

  /// What the code that closes a channel or a connection means for a message.
  static func kind(_ code: Int32) -> Failure.Kind {
    switch code {
    case AMQP_ACCESS_REFUSED, AMQP_NOT_ALLOWED: .unauthorized
    case AMQP_NOT_FOUND, AMQP_PRECONDITION_FAILED, AMQP_NOT_IMPLEMENTED, AMQP_SYNTAX_ERROR, AMQP_COMMAND_INVALID:
      .rejected
    case AMQP_CONTENT_TOO_LARGE: .invalid
    default: .unavailable
    }
  }

  /// A connection that could not be made.
  static func connecting(_ status: Int32, _ broker: Broker) -> Failure {
    switch amqp_status_enum(rawValue: status) {
    case AMQP_STATUS_HOSTNAME_RESOLUTION_FAILED:
      Failure(.unavailable, "the broker's name could not be resolved")
    case AMQP_STATUS_TIMEOUT: Failure(.timeout, "no connection to the broker within \(broker.connectTimeout.text)")
    case AMQP_STATUS_SSL_ERROR, AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED, AMQP_STATUS_SSL_PEER_VERIFY_FAILED,
      AMQP_STATUS_SSL_CONNECTION_FAILED:
      tls
    default: Failure(.unavailable, "could not connect to the broker: \(text(status))")
    }
  }

  /// Why there is no TLS, as OpenSSL says it.
  static var tls: Failure {
    let reason = omnibus_amqp_tls_problem().map { String(cString: $0) } ?? "the handshake failed"
    return Failure(.unavailable, "no secure connection to the broker: \(reason)")
  }

  /// A connection that broke.
  static func lost(_ status: Int32, _ what: String) -> Failure {
    if amqp_status_enum(rawValue: status) == AMQP_STATUS_TIMEOUT {
      return Failure(.timeout, "the broker did not answer about \(what)")
    }
    return Failure(.unavailable, "the connection to the broker broke: \(text(status))")
  }

  /// Whether it says that a frame cannot be read.
  static func isUnreadable(_ status: Int32) -> Bool {
    let status = amqp_status_enum(rawValue: status)
    return status == AMQP_STATUS_BAD_AMQP_DATA || status == AMQP_STATUS_TABLE_TOO_BIG
  }

  private static func text(_ status: Int32) -> String { String(cString: amqp_error_string2(status)) }
}
