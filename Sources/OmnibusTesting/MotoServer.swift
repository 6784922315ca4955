internal import Foundation
internal import OmnibusReactor

/// A server that stands in for AWS: moto, from PyPI, on a free port of 127.0.0.1. It ends when nobody holds it any more,
/// and with the tests.
///
/// ```swift
/// @Test("…", .enabled("skipped: moto cannot be had from PyPI") { MotoServer.isAvailable })
/// ```
public final class MotoServer: Sendable {
  /// Its address: `http://127.0.0.1:5000`.
  public let url: String
  /// The id of an access key of a user who may do everything.
  public let accessKey: String
  /// The secret of that key.
  public let secretKey: String
  private let program: RunningProgram

  private static let packages = PythonPackages([
    "moto==5.2.5", "boto3==1.44.5", "flask==3.1.3", "flask-cors==6.0.5", "pyyaml==6.0.3", "py-partiql-parser==0.6.3",
  ])

  /// Whether it can be had.
  public static var isAvailable: Bool { packages.interpreter != nil }

  /// Python with moto, botocore and boto3, of the versions that are pinned; nil where they cannot be had.
  public static var interpreter: String? { packages.interpreter }

  /// Starts one. With `checksSignatures` every request must be signed with the keys; else whoever signs may do everything.
  ///
  /// It wrongly refuses keys of S3 with `+ % = & ' ( )` and list queries that are encoded.
  public init(checksSignatures: Bool = false) async throws {
    guard let interpreter = Self.interpreter else { throw Missing() }
    let program = try RunningProgram(
      interpreter, ["-u", "-c", Self.script],
      environment: ["OMNIBUS_MOTO_CHECKS": checksSignatures ? "1" : "", "AWS_DEFAULT_REGION": "eu-central-1"])
    let isUp = try await eventually(within: .seconds(120)) { !program.isRunning || Self.address(in: program) != nil }
    guard isUp, let address = Self.address(in: program), let keys = Self.line("keys ", in: program) else {
      throw Failed(output: program.output)
    }
    let words = keys.split(separator: " ")
    guard words.count == 2 else { throw Failed(output: program.output) }
    url = address
    accessKey = String(words[0])
    secretKey = String(words[1])
    self.program = program
  }

  /// Runs a script with boto3, which speaks to this server, and gives what it prints. Throws what it says where it fails.
  public func run(_ script: String) async throws -> String {
    guard let interpreter = Self.interpreter else { throw Missing() }
    let program = try RunningProgram(
      interpreter, ["-c", script],
      environment: [
        "AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": accessKey, "AWS_SECRET_ACCESS_KEY": secretKey,
        "AWS_DEFAULT_REGION": "eu-central-1",
      ], input: .nothing)
    guard try await program.end(within: .seconds(120)) == 0 else { throw Failed(output: program.output) }
    return program.output
  }

  /// Ends it, as a server that crashes does.
  public func stop() async throws {
    program.signal(SIGKILL)
    _ = try await program.end()
  }

  private static func address(in program: RunningProgram) -> String? { line(" * Running on ", in: program) }

  private static func line(_ start: String, in program: RunningProgram) -> String? {
    let output = program.output
    guard let found = output.range(of: start), let end = output[found.upperBound...].firstIndex(of: "\n") else {
      return nil
    }
    return String(output[found.upperBound..<end])
  }

  /// Makes the user, and serves on a port that is free until the standard input ends.
  private static let script = #"""
    from os import environ, _exit
    from sys import stdin
    from threading import Thread
    Thread(target=lambda: (stdin.read(), _exit(0)), daemon=True).start()
    from moto import settings
    from moto.iam.models import iam_backends
    iam = iam_backends["123456789012"]["aws"]
    iam.create_user("us-east-1", "omnibus")
    iam.put_user_policy("omnibus", "all",
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}')
    key = iam.create_access_key("omnibus")
    print("keys", key.access_key_id, key.secret_access_key)
    if environ["OMNIBUS_MOTO_CHECKS"]:
        settings.INITIAL_NO_AUTH_ACTION_COUNT = 0
    from moto.server import main
    main(["-H", "127.0.0.1", "-p", "0"])
    """#

  private struct Missing: Error {}

  private struct Failed: Error {
    let output: String
  }
}
