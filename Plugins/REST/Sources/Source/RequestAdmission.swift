internal import Omnibus
internal import OmnibusHTTP

/// What is checked of a request before its body is asked for.
struct RequestAdmission: Sendable {
  let auth: InboundAuth
  let consumes: [MediaType]
  let produces: [MediaType]

  /// Why the request is not taken, as its head tells; nil for one that is.
  func refusal(_ headers: Headers, query: String, hasBody: Bool) -> ProblemDocument? {
    if case .required(let gate) = auth, !gate.admits(headers, query: query) {
      return ProblemDocument(
        401, "unauthorized", "Credentials are needed", headers: ["www-authenticate": gate.challenge])
    }
    if hasBody, ContentCoding(headers) == nil {
      return ProblemDocument(
        415, "unsupported_content_coding", "The content coding is not taken",
        detail: "expected \(ContentCoding.accepted) or none", headers: ["accept-encoding": ContentCoding.accepted])
    }
    if !consumes.isEmpty, hasBody, !takes(headers["content-type"]) {
      let types = consumes.map(\.text).joined(separator: ", ")
      return ProblemDocument(
        415, "unsupported_media_type", "The content type is not taken", detail: "expected \(types)",
        headers: ["accept": types])
    }
    if !produces.isEmpty, produces.preferred(by: headers) == nil {
      let types = produces.map(\.text).joined(separator: ", ")
      return ProblemDocument(406, "not_acceptable", "No content type is acceptable", detail: "there is \(types)")
    }
    return nil
  }

  private func takes(_ contentType: String?) -> Bool {
    guard let type = contentType.map(MediaType.ofField) else { return false }
    return consumes.contains { $0.includes(type) }
  }
}
