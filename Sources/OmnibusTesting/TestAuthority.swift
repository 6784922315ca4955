public import OmnibusReactor

/// An authority of its own that issues certificates for tests, by the program `openssl`; the files go when nobody holds
/// it any more.
public final class TestAuthority: Sendable {
  /// The folder with all files.
  public let directory = TemporaryDirectory()
  /// The file with the authority's certificate.
  public var certificate: String { path("authority.pem") }

  /// Makes the authority; its certificates are of the subject `CN=<name>`.
  public init(_ name: String = "test authority") throws {
    try Self.openssl(
      ["req", "-x509"] + Self.newKey + [
        "-keyout", path("authority.key"), "-out", path("authority.pem"), "-days", "30", "-subj", "/CN=\(name)",
      ])
    // What `openssl ca` wants, which alone can issue what has expired.
    directory.write(
      "ca.cnf",
      "[ca]\ndefault_ca=a\n[a]\nnew_certs_dir=.\ndatabase=index\npolicy=p\nserial=serial\n[p]\ncommonName=supplied\n")
  }

  /// Issues a certificate as `<file>.pem` and `<file>.key`; `subject` is written as `/O=Hospital/CN=ward`, `names` as
  /// `DNS:localhost,IP:127.0.0.1`.
  @discardableResult
  public func issue(_ file: String, subject: String = "/CN=localhost", names: String) throws -> TLSIdentity {
    try Self.openssl(
      ["req", "-x509"] + Self.newKey + [
        "-CA", certificate, "-CAkey", path("authority.key"), "-keyout", path("\(file).key"), "-out",
        path("\(file).pem"), "-days", "30", "-utf8", "-subj", subject, "-addext", "subjectAltName=\(names)", "-addext",
        "basicConstraints=critical,CA:FALSE",
      ])
    return identity(file)
  }

  /// Issues a certificate that was valid in January 2020.
  public func issueExpired(_ file: String) throws -> TLSIdentity {
    try Self.openssl(
      ["req", "-new"] + Self.newKey + [
        "-keyout", path("\(file).key"), "-out", path("\(file).csr"), "-subj", "/CN=localhost",
      ])
    directory.write("index", "")
    try Self.openssl(
      [
        "ca", "-batch", "-config", path("ca.cnf"), "-md", "sha256", "-cert", certificate, "-keyfile",
        path("authority.key"), "-in", path("\(file).csr"), "-out", path("\(file).pem"), "-create_serial", "-startdate",
        "20200101000000Z", "-enddate", "20200131000000Z", "-outdir", directory.path, "-notext",
      ], in: directory.path)
    return identity(file)
  }

  /// Where a file of the folder is.
  public func path(_ name: String) -> String { "\(directory.path)/\(name)" }

  private static let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]

  private func identity(_ file: String) -> TLSIdentity {
    TLSIdentity(certificate: path("\(file).pem"), key: path("\(file).key"))
  }

  private static func openssl(_ arguments: [String], in folder: String = "/tmp") throws {
    let program = try RunningProgram("/usr/bin/openssl", arguments, directory: folder, input: .nothing)
    guard program.wait() == 0 else { throw Refused(arguments: arguments, output: program.output) }
  }

  private struct Refused: Error {
    let arguments: [String]
    let output: String
  }
}
