public import Omnibus
internal import OmnibusHTTP
internal import OmnibusReactor
internal import Synchronization

/// What all components share that reach AWS as the same one: the credentials, and how far the clock of AWS is from ours.
/// An engine can have any number of them.
public final class AWSConnection: Sendable {
  /// What makes two components reach AWS as the same one.
  private struct Key: Hashable {
    let reactors: ObjectIdentifier
    let environment: ObjectIdentifier
    let terms: [String]
    let tls: TLSClientConfiguration
  }

  private struct Weak {
    weak var connection: AWSConnection?
  }

  private static let shared = Mutex<[Key: Weak]>([:])

  /// Its credentials.
  public let provider: AWSCredentialProvider
  private let skew: ClockSkew

  private init(_ options: AWSOptions, _ region: String, _ environment: AWSEnvironment, _ context: Context) {
    let skew = ClockSkew()
    let clock = context.clock
    let client = HTTPClient(reactors: context.reactors)
    let endpoint = [options.stsEndpoint, environment["AWS_ENDPOINT_URL_STS"], environment["AWS_ENDPOINT_URL"]]
      .lazy.compactMap { $0.flatMap { AWSEndpoint($0) } }.first
    let prototype = HTTPClientRequest(
      url: "", timeout: .seconds(10), connectTimeout: options.connectTimeout,
      tls: options.tls.configuration(in: context.directory))
    let sts = SecurityTokens(region: region, endpoint: endpoint, client, like: prototype, skew, clock)
    let loading = CredentialLoading(
      environment: environment, client: client, sts: sts, blocking: context.blocking)
    self.skew = skew
    provider = AWSCredentialProvider(options.source(in: context.directory), loading, context.reactors) {
      skew.time(clock)
    }
  }

  /// The one that `options` describe, the same for all who hold it at the same time.
  static func shared(
    _ options: AWSOptions, _ region: String, _ environment: AWSEnvironment, _ context: Context
  ) -> AWSConnection {
    let key = Key(
      reactors: ObjectIdentifier(context.reactors), environment: ObjectIdentifier(environment),
      terms: options.terms + [region, context.directory], tls: options.tls.configuration(in: context.directory))
    return shared.withLock { shared in
      if let connection = shared[key]?.connection { return connection }
      let connection = AWSConnection(options, region, environment, context)
      shared = shared.filter { $0.value.connection != nil }
      shared[key] = Weak(connection: connection)
      return connection
    }
  }

  /// The time of AWS, in seconds since 1970, as far as it has told.
  public func time(_ context: Context) -> Double { skew.time(context.clock) }

  /// Heeds the date of an answer that may have come because a clock is wrong. Whether it told anything new.
  func heed(date: String?, signedAt: Double, _ context: Context) -> Bool {
    skew.heed(date: date, signedAt: signedAt, context.clock)
  }
}
