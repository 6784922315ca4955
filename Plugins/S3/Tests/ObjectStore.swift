import Omnibus
import OmnibusAWS
import OmnibusCrypto
import OmnibusTesting
import Synchronization

/// A store that speaks as much of the protocol of S3 as the plugin does, a thread a connection, and does it as badly as it
/// is told to. Signatures are not looked at.
final class ObjectStore: Sendable {
  struct Object: Sendable {
    /// Nil for one of which only the size is known: then it is full of `A`.
    var bytes: [UInt8]?
    var size: Int
    var etag: String
    var headers: [String: String] = [:]
    var tags = ""
    /// The sizes of the parts that it was uploaded in.
    var partSizes: [Int] = []
  }

  struct Upload: Sendable {
    var key: String
    var headers: [String: String]
    var parts: [Int: Object] = [:]
  }

  /// What is answered instead of what should be.
  enum Fault: Sendable {
    case error(Int, String)
    /// The connection is closed after so many bytes of what was sent, or before the answer.
    case cut(after: Int)
    case answer(String)
    /// The connection is closed after so many bytes of the body of the answer, whose length is said.
    case truncate(Int)
    /// The first byte of the body is another one.
    case corrupt
    case hang
    /// The request is done, and then the connection closed.
    case doneAndCut
  }

  struct State {
    var objects: [String: Object] = [:]
    var uploads: [String: Upload] = [:]
    var count = 0
    var pageSize = 1000
    var fault: @Sendable (StoreRequest) -> Fault? = { _ in nil }
  }

  static let bucket = "care-test"

  let requests = Recorder<StoreRequest>()
  let state = Mutex(State())
  private let server = TestHTTPServer()

  init() throws { try start() }

  var url: String { server.url }

  /// What components that speak to it are lent: credentials.
  var services: Services {
    var services = Services()
    services[AWSEnvironment.self] = AWSEnvironment {
      ["AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "eu-central-1"][$0]
    }
    return services
  }

  /// What was asked for so far, in words: `list`, `get a.csv`.
  var actions: [String] {
    requests.all.map { $0.key.isEmpty ? $0.action : "\($0.action) \($0.key)" }
  }

  var keys: [String] { state.withLock { $0.objects.keys.sorted() } }
  var uploads: Int { state.withLock { $0.uploads.count } }
  subscript(_ key: String) -> Object? { state.withLock { $0.objects[key] } }
  func text(_ key: String) -> String? { self[key]?.bytes.map { String(decoding: $0, as: UTF8.self) } }

  func put(_ key: String, _ text: String, headers: [String: String] = [:]) {
    put(key, Array(text.utf8), headers: headers)
  }

  func put(_ key: String, _ bytes: [UInt8], headers: [String: String] = [:]) {
    let object = Object(bytes: bytes, size: bytes.count, etag: Self.etag(bytes), headers: headers)
    state.withLock { $0.objects[key] = object }
  }

  /// An object that is full of `A`.
  func putHole(_ key: String, _ size: Int) {
    state.withLock { $0.objects[key] = Object(bytes: nil, size: size, etag: "\"hole-1\"") }
  }

  func remove(_ key: String) { state.withLock { _ = $0.objects.removeValue(forKey: key) } }

  /// Answers otherwise from now on, where `fault` says so.
  func fail(_ fault: @escaping @Sendable (StoreRequest) -> Fault?) { state.withLock { $0.fault = fault } }

  /// The first `count` requests of an action are answered otherwise.
  func fail(_ action: String, first count: Int = 1, _ fault: Fault) {
    let left = Countdown(count)
    fail { request in request.action == action && left.next() ? fault : nil }
  }

  static func etag(_ bytes: [UInt8]) -> String {
    let digest = RunningDigest(.md5)
    bytes.withUnsafeBytes { digest.update($0) }
    return "\"\(hex(digest.finish()))\""
  }

  static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { String(UInt16($0) + 0x100, radix: 16).dropFirst() }.joined()
  }

  func start() throws {
    try server.start { [weak self] connection in
      while let request = connection.request(), let self, self.serve(request, connection) {}
    }
  }

  func stop() { server.stop() }
}
