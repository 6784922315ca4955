public import OmnibusReactor

extension TLSDetails {
  /// What expressions read as `properties.tls`: `version`, `cipher`, `server_name` where the client asked for one, and
  /// `peer` where it showed a certificate: `subject`, `issuer`, `serial_number`, `fingerprint`, `dns_names`,
  /// `email_addresses`. Connectors make it once for each connection.
  public var properties: Value {
    var members = ValueMap([("version", .string(version)), ("cipher", .string(cipher))])
    members["server_name"] = serverName.map(Value.string)
    members["peer"] = peer.map { peer in
      .map(
        ValueMap([
          ("subject", .string(peer.subject)), ("issuer", .string(peer.issuer)),
          ("serial_number", .string(peer.serialNumber)), ("fingerprint", .string(peer.fingerprint)),
          ("dns_names", .list(peer.dnsNames.map(Value.string))),
          ("email_addresses", .list(peer.emailAddresses.map(Value.string))),
        ]))
    }
    return .map(members)
  }
}
