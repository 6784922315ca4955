public import Omnibus

extension AWSServiceError {
  private static let throttling: Set<String> = [
    "BandwidthLimitExceeded", "KMS.ThrottlingException", "KmsThrottled", "OverLimit", "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException", "RequestLimitExceeded", "RequestThrottled", "RequestThrottledException",
    "SlowDown", "Throttled", "Throttling", "ThrottlingException", "ThrottledException", "TooManyRequests",
    "TooManyRequestsException", "EC2ThrottledException", "TransactionInProgressException",
  ]
  private static let ended: Set<String> = [
    "ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "InvalidAccessKeyId", "InvalidClientTokenId",
    "InvalidToken", "UnrecognizedClientException",
  ]
  private static let skewed: Set<String> = [
    "AuthFailure", "InvalidSignatureException", "RequestExpired", "RequestInTheFuture", "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
  ]
  private static let refusing: Set<String> = [
    "AccessDenied", "AccessDeniedException", "AuthorizationError", "AuthorizationHeaderMalformed",
    "IncompleteSignature", "KmsAccessDenied", "KMS.AccessDeniedException", "MissingAuthenticationToken",
    "MissingSecurityHeader", "NotAuthorized", "NotSignedUp", "OptInRequired", "UnauthorizedAccess", "AccountProblem",
    "AllAccessDisabled", "IDPRejectedClaim", "InvalidIdentityToken",
  ]
  /// What may be there again without the message being another one: an administrator made or will make it.
  private static let missing: Set<String> = [
    "AWS.SimpleQueueService.NonExistentQueue", "NoSuchBucket", "QueueDeletedRecently", "QueueDoesNotExist",
    "AWS.SimpleQueueService.QueueDeletedRecently",
  ]
  private static let late: Set<String> = ["RequestTimeout", "RequestTimeoutException"]
  private static let broken: Set<String> = [
    "InternalError", "InternalFailure", "InternalServerError", "InternalServiceError", "ServiceUnavailable",
    "ServiceUnavailableException", "Unavailable", "OperationAborted", "KmsInvalidState", "KMS.InvalidStateException",
  ]

  /// Whether the service asks for fewer requests.
  public var isThrottling: Bool { Self.throttling.contains(code) || status == 429 }

  /// Whether the keys have ended, or are not known any more: others may have been given.
  var isOfEndedKeys: Bool { Self.ended.contains(code) }

  /// Whether the answer does not say more than that the request is not taken: those to HEAD have no body.
  private var isWithoutReason: Bool { code.isEmpty && (status == 400 || status == 403) }

  /// Whether the keys may have ended.
  var mayBeOfEndedKeys: Bool { isOfEndedKeys || isWithoutReason }

  /// Whether a clock that is wrong can be the reason.
  var mayBeSkewed: Bool { Self.skewed.contains(code) || isWithoutReason }

  /// What kind of failure it is for the message that was sent.
  public var kind: Failure.Kind {
    if isThrottling { return .overloaded }
    if isOfEndedKeys || Self.skewed.contains(code) || Self.refusing.contains(code) { return .unauthorized }
    if Self.missing.contains(code) || Self.broken.contains(code) { return .unavailable }
    if Self.late.contains(code) { return .timeout }
    switch status {
    case 401, 403, 407: return .unauthorized
    case 408: return .timeout
    case 500...: return .unavailable
    default: return .rejected
    }
  }

  /// The failure that it is, with its code and the id of the request, and with this error as its cause. Nothing else of
  /// the answer is told.
  public func failure(service: String) -> Failure {
    let what = code.isEmpty ? "\(status)" : "\(status) \(code)"
    let reason = "\(service) answered \(what)" + (requestID.map { " (request \($0))" } ?? "")
    let kind = kind
    return Failure(
      kind, reason, retryAfter: kind == .overloaded || kind == .unavailable ? retryAfter : nil, cause: self)
  }
}
