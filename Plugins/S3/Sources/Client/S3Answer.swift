internal import Omnibus
internal import OmnibusAWS
internal import OmnibusHTTP
internal import OmnibusXML

extension HTTPClientResponse {
  /// The root of an answer in XML, which is called `name`, or as `other` says.
  ///
  /// Some requests are answered with 200 before they were done, and what went wrong afterwards stands in the body (Amazon S3
  /// API Reference, "CompleteMultipartUpload"): that fails as the error does. What is no such answer fails with `kind`.
  func root(
    _ name: String, or other: String? = nil, else kind: Failure.Kind = .unavailable
  ) throws(Failure) -> XMLElement {
    guard case .bytes(let bytes) = body else { throw Failure(kind, "s3 answered \(status) without a body") }
    let root: XMLElement
    do throws(XMLProblem) {
      // Spaces keep the connection open while the answer is made.
      root = try XMLDocument(parsing: bytes.drop { $0 <= 0x20 }, limits: .ofAnswers).root
    } catch {
      throw Failure(kind, "s3 answered what cannot be read: \(error)")
    }
    guard root.name != "Error" else { throw AWSServiceError(self).failure(service: "s3") }
    guard root.name == name || root.name == other else {
      throw Failure(kind, "s3 answered another document than \(name)")
    }
    return root
  }
}

extension XMLLimits {
  /// Pages of lists have thousands of elements, and no more than a few within each other.
  fileprivate static var ofAnswers: XMLLimits {
    var limits = XMLLimits()
    limits.depth = 16
    limits.nodes = 200_000
    return limits
  }
}

extension Failure {
  /// What S3 answered, where that is why it failed.
  var answered: AWSServiceError? { cause as? AWSServiceError }

  /// Whether there is no such object, or no such version of it.
  var isMissingObject: Bool {
    answered.map { $0.status == 404 && $0.code != "NoSuchBucket" && $0.code != "NoSuchUpload" } ?? false
  }

  /// Whether a condition of the request did not hold.
  var isFailedCondition: Bool { answered?.status == 412 }
}
