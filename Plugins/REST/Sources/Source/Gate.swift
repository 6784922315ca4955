internal import Omnibus

/// Checks the `authorization` field of requests (RFC 9110, 11.6.2). Comparing takes as long for a wrong text as for the
/// right one, so that its time tells nothing.
struct Gate: Sendable {
  private struct Key: Sendable {
    let scheme: [UInt8]
    let credentials: [UInt8]
  }

  private let keys: [Key]
  /// What a sender who is refused is asked for: the `www-authenticate` field.
  let challenge: String

  /// Lets those in who bring one of the credentials of a scheme.
  init(basic: [String], bearer: [String]) {
    keys =
      basic.map { Key(scheme: Array("basic".utf8), credentials: Array($0.utf8)) }
      + bearer.map { Key(scheme: Array("bearer".utf8), credentials: Array($0.utf8)) }
    challenge = [
      basic.isEmpty ? nil : "Basic realm=\"omnibus\", charset=\"UTF-8\"",
      bearer.isEmpty ? nil : "Bearer realm=\"omnibus\"",
    ].compactMap { $0 }.joined(separator: ", ")
  }

  /// Whether the request with these fields may pass. Two `authorization` fields are none.
  func admits(_ headers: Headers) -> Bool {
    guard headers.values("authorization").count == 1 else { return false }
    return headers.withValue(of: "authorization", admits) ?? false
  }

  private func admits(_ value: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let space = value.firstIndex(of: 0x20) else { return false }
    let scheme = UnsafeBufferPointer(rebasing: value[..<space])
    let given = UnsafeBufferPointer(rebasing: value[space...].drop { $0 == 0x20 })
    var isAdmitted = false
    for key in keys where key.scheme.count == scheme.count {
      let isScheme = zip(key.scheme, scheme).allSatisfy { $0 == $1 | 0x20 }
      let isEqual = isEqual(given, key.credentials)
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
