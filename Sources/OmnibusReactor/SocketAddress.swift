internal import CReactor
internal import Glibc

/// An address and port of IPv4 or IPv6, as TCP uses them.
public struct SocketAddress: Sendable, Hashable {
  private enum IP: Sendable, Hashable {
    case v4(UInt32)
    case v6(high: UInt64, low: UInt64, scope: UInt32)
  }

  private var ip: IP
  /// The port; 0 lets the system choose one when a listener binds.
  public var port: UInt16

  /// Reads numeric `127.0.0.1:8080` or `[::1]:8080`; nil for anything else, names included.
  public init?(_ text: String) {
    guard let (host, port) = Self.split(text), let ip = Self.ip(host) else { return nil }
    self.ip = ip
    self.port = port
  }

  /// The address that a system call filled in; nil for families other than IPv4 and IPv6.
  init?(_ storage: sockaddr_storage) {
    let ip: IP? = withUnsafeBytes(of: storage) { bytes in
      switch Int32(storage.ss_family) {
      case AF_INET: .v4(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self)))
      case AF_INET6:
        .v6(
          high: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
          low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self)),
          scope: bytes.loadUnaligned(fromByteOffset: 24, as: UInt32.self))
      default: nil
      }
    }
    guard let ip else { return nil }
    self.ip = ip
    port = withUnsafeBytes(of: storage) { UInt16(bigEndian: $0.loadUnaligned(fromByteOffset: 2, as: UInt16.self)) }
  }

  /// The host and the port of `host:port`, where the host may be a name or, in brackets, an IPv6 address.
  public static func split(_ text: String) -> (host: String, port: UInt16)? {
    guard let colon = text.lastIndex(of: ":") else { return nil }
    let digits = text[text.index(after: colon)...]
    guard !digits.isEmpty, digits.utf8.allSatisfy({ $0 &- 0x30 < 10 }), let port = UInt16(digits) else { return nil }
    var host = text[..<colon]
    if host.hasPrefix("[") {
      guard host.hasSuffix("]") else { return nil }
      host = host.dropFirst().dropLast()
      guard host.contains(":") else { return nil }
    } else if host.contains(":") {
      return nil
    }
    return host.isEmpty ? nil : (String(host), port)
  }

  /// Whether it is of this machine alone: 127.0.0.0/8, `::1` (RFC 6890, 2.2.2 and 2.2.3).
  public var isLoopback: Bool {
    switch ip {
    case .v4(let address): address >> 24 == 127
    case .v6(let high, let low, _): high == 0 && low == 1
    }
  }

  /// `AF_INET` or `AF_INET6`.
  var family: Int32 {
    switch ip {
    case .v4: AF_INET
    case .v6: AF_INET6
    }
  }

  /// The address without the port: `127.0.0.1`, `::1`.
  public var host: String {
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN) + 1)
    withSystemAddress { address, _ in
      let ip = UnsafeRawPointer(address) + (family == AF_INET ? 4 : 8)
      _ = inet_ntop(family, ip, &text, socklen_t(text.count))
    }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Hands the address to a system call.
  func withSystemAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    var storage = sockaddr_storage()
    storage.ss_family = sa_family_t(family)
    let length = withUnsafeMutableBytes(of: &storage) { bytes in
      bytes.storeBytes(of: port.bigEndian, toByteOffset: 2, as: UInt16.self)
      switch ip {
      case .v4(let address):
        bytes.storeBytes(of: address.bigEndian, toByteOffset: 4, as: UInt32.self)
        return MemoryLayout<sockaddr_in>.size
      case .v6(let high, let low, let scope):
        bytes.storeBytes(of: high.bigEndian, toByteOffset: 8, as: UInt64.self)
        bytes.storeBytes(of: low.bigEndian, toByteOffset: 16, as: UInt64.self)
        bytes.storeBytes(of: scope, toByteOffset: 24, as: UInt32.self)
        return MemoryLayout<sockaddr_in6>.size
      }
    }
    return withUnsafePointer(to: storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(length)) }
    }
  }

  private static func ip(_ host: String) -> IP? {
    var bytes = [UInt8](repeating: 0, count: 16)
    if inet_pton(AF_INET, host, &bytes) == 1 {
      return .v4(bytes.withUnsafeBytes { UInt32(bigEndian: $0.load(as: UInt32.self)) })
    }
    guard inet_pton(AF_INET6, host, &bytes) == 1 else { return nil }
    return bytes.withUnsafeBytes {
      .v6(
        high: UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)),
        low: UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self)), scope: 0)
    }
  }
}

extension SocketAddress: CustomStringConvertible {
  /// `127.0.0.1:8080`, `[::1]:8080`.
  public var description: String { family == AF_INET6 ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
