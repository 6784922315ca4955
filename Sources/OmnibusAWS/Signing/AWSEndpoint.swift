/// Where a service of AWS, or what speaks its protocol, is reached.
public struct AWSEndpoint: Sendable, Hashable {
  /// `https` or `http`.
  public let scheme: String
  /// The host as the field `host` has it: with the port, unless it is that of the scheme.
  public let authority: String
  /// What all paths begin with: empty, or with a slash in front and none behind.
  public let prefix: String

  /// That of `service` in `region`, in the partition that the region is of (AWS General Reference, "Service endpoints").
  public init(service: String, region: String) {
    scheme = "https"
    authority = "\(service).\(region).amazonaws.com" + (region.hasPrefix("cn-") ? ".cn" : "")
    prefix = ""
  }

  /// The one that an address names, such as `http://127.0.0.1:5000`; nil for what is no address of a host.
  public init?(_ url: String) {
    guard let separator = url.firstRange(of: "://") else { return nil }
    let scheme = url[..<separator.lowerBound].lowercased()
    guard scheme == "http" || scheme == "https", url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
    let rest = url[separator.upperBound...]
    let slash = rest.firstIndex(of: "/") ?? rest.endIndex
    let host = rest[..<slash].lowercased()
    guard !host.isEmpty, !host.hasPrefix(":"), !host.contains(where: { "@?#".contains($0) }),
      !rest.contains(where: { "?#".contains($0) })
    else { return nil }
    let ownPort = scheme == "http" ? ":80" : ":443"
    self.scheme = scheme
    authority = host.hasSuffix(ownPort) ? String(host.dropLast(ownPort.count)) : host
    var prefix = rest[slash...]
    while prefix.hasSuffix("/") { prefix.removeLast() }
    self.prefix = String(prefix)
  }

  private init(scheme: String, authority: String, prefix: String) {
    self.scheme = scheme
    self.authority = authority
    self.prefix = prefix
  }

  /// The same with `label` in front of the host's name, as buckets have it: `label.s3.eu-central-1.amazonaws.com`.
  public func with(label: String) -> AWSEndpoint {
    AWSEndpoint(scheme: scheme, authority: "\(label).\(authority)", prefix: prefix)
  }

  /// The address: `http://127.0.0.1:5000`.
  public var url: String { "\(scheme)://\(authority)\(prefix)" }
}
