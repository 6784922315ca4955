internal import CReactor
internal import Glibc

/// A host name that could not be turned into addresses.
public struct NameLookupError: Error, Sendable, CustomStringConvertible {
  /// The text that was given, `host:port`.
  public let name: String
  /// Why: `name or service not known`.
  public let reason: String

  /// `cannot look up "example:80": name or service not known`.
  public var description: String { "cannot look up \"\(name)\": \(reason)" }
}

extension SocketAddress {
  /// The addresses of `host:port`, in the order to try them. A numeric address is answered at once, a name is looked up
  /// on `blocking`, because the resolver of the system blocks.
  public static func resolve(_ text: String, on blocking: BlockingExecutor) async throws -> [SocketAddress] {
    if let address = SocketAddress(text) { return [address] }
    guard let (host, port) = split(text) else {
      throw NameLookupError(name: text, reason: "expected host:port, such as 127.0.0.1:8080 or [::1]:8080")
    }
    return try await blocking.run { try lookUp(host, port: port, text: text) }
  }

  private static func lookUp(_ host: String, port: UInt16, text: String) throws -> [SocketAddress] {
    var hints = addrinfo()
    hints.ai_family = AF_UNSPEC
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, nil, &hints, &list)
    guard code == 0 else {
      throw NameLookupError(name: text, reason: String(cString: gai_strerror(code)).lowercased())
    }
    defer { freeaddrinfo(list) }
    var addresses: [SocketAddress] = []
    var entry = list
    while let present = entry {
      var storage = sockaddr_storage()
      let length = min(Int(present.pointee.ai_addrlen), MemoryLayout<sockaddr_storage>.size)
      memcpy(&storage, present.pointee.ai_addr, length)
      if var address = SocketAddress(storage) {
        address.port = port
        if !addresses.contains(address) { addresses.append(address) }
      }
      entry = present.pointee.ai_next
    }
    guard !addresses.isEmpty else { throw NameLookupError(name: text, reason: "it has no IPv4 or IPv6 address") }
    return addresses
  }
}
