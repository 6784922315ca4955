internal import Omnibus
internal import OmnibusHTTP

/// Checks what a sender brings to be let in: the `authorization` field (RFC 9110, 11.6.2), or a key in a header or in the
/// query. Comparing takes as long for a wrong text as for the right one, so that its time tells nothing.
struct Gate: Sendable {
  private struct Credentials: Sendable {
    let scheme: [UInt8]
    let text: [UInt8]
  }

  private struct Key: Sendable {
    let name: String
    let text: [UInt8]
  }

  private let credentials: [Credentials]
  private let headerKeys: [Key]
  private let queryKeys: [Key]
  /// What a sender who is refused is asked for: the `www-authenticate` field.
  let challenge: String
  /// What the gate looks for, each kind once.
  let security: [OperationDescription.Security]

  /// Lets those in who bring one of the credentials of a scheme, or one of the keys.
  init(basic: [String], bearer: [String], keys: [APIKey]) {
    credentials =
      basic.map { Credentials(scheme: Array("basic".utf8), text: Array($0.utf8)) }
      + bearer.map { Credentials(scheme: Array("bearer".utf8), text: Array($0.utf8)) }
    var (headerKeys, queryKeys): ([Key], [Key]) = ([], [])
    var security: [OperationDescription.Security] = []
    if !basic.isEmpty { security.append(.basic) }
    if !bearer.isEmpty { security.append(.bearer) }
    for key in keys {
      let text = Array(key.key.reveal.utf8)
      switch key.place {
      case .header(let name):
        headerKeys.append(Key(name: name, text: text))
        if !security.contains(.header(name)) { security.append(.header(name)) }
      case .query(let name):
        queryKeys.append(Key(name: name, text: text))
        if !security.contains(.query(name)) { security.append(.query(name)) }
      }
    }
    (self.headerKeys, self.queryKeys, self.security) = (headerKeys, queryKeys, security)
    challenge = [
      basic.isEmpty ? nil : "Basic realm=\"omnibus\", charset=\"UTF-8\"",
      bearer.isEmpty ? nil : "Bearer realm=\"omnibus\"", keys.isEmpty ? nil : "ApiKey realm=\"omnibus\"",
    ].compactMap { $0 }.joined(separator: ", ")
  }

  /// Whether the request with these fields and this query may pass. Of what comes twice nothing counts.
  func admits(_ headers: Headers, query: String) -> Bool {
    if !credentials.isEmpty, headers.values("authorization").count == 1,
      headers.withValue(of: "authorization", admits) ?? false
    {
      return true
    }
    var isAdmitted = false
    for key in headerKeys where headers.values(key.name).count == 1 {
      let isKey = headers.withValue(of: key.name) { isEqual($0, key.text) } ?? false
      isAdmitted = isAdmitted || isKey
    }
    guard !queryKeys.isEmpty, let parameters = QueryParameters.parse(query) else { return isAdmitted }
    for key in queryKeys {
      guard case .string(let text)? = parameters[key.name] else { continue }
      let isKey = Array(text.utf8).withUnsafeBufferPointer { isEqual($0, key.text) }
      isAdmitted = isAdmitted || isKey
    }
    return isAdmitted
  }

  /// Takes what was checked out of the message: who was let in needs not be known to the route, and the secret is then in
  /// nobody's way.
  func removeSecrets(_ headers: inout Headers, _ parameters: inout ValueMap) {
    headers.remove("authorization")
    for key in headerKeys { headers.remove(key.name) }
    for key in queryKeys { parameters[key.name] = nil }
  }

  private func admits(_ value: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let space = value.firstIndex(of: 0x20) else { return false }
    let scheme = UnsafeBufferPointer(rebasing: value[..<space])
    let given = UnsafeBufferPointer(rebasing: value[space...].drop { $0 == 0x20 })
    var isAdmitted = false
    for credential in credentials where credential.scheme.count == scheme.count {
      let isScheme = zip(credential.scheme, scheme).allSatisfy { $0 == $1 | 0x20 }
      let isEqual = isEqual(given, credential.text)
      isAdmitted = isAdmitted || (isScheme && isEqual)
    }
    return isAdmitted
  }

  /// Looks at every byte of what was given, wherever the first difference is.
  private func isEqual(_ given: UnsafeBufferPointer<UInt8>, _ expected: [UInt8]) -> Bool {
    var difference = given.count ^ expected.count
    for place in given.indices { difference |= Int(given[place] ^ expected[place % expected.count]) }
    return difference == 0
  }
}
