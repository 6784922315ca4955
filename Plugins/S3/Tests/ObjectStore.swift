import Foundation
import Glibc
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
    var listener: Int32 = -1
  }

  static let bucket = "care-test"

  let requests = Recorder<StoreRequest>()
  let state = Mutex(State())
  private let port = ReservedPort()

  init() throws { try start() }

  deinit { stop() }

  var url: String { "http://\(port.address)" }

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
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var flag: Int32 = 1
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &flag, 4)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.number.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 && listen(listener, 64) == 0
      }
    }
    guard isBound else { throw Failure(.unavailable, "the store of the test cannot listen") }
    state.withLock { $0.listener = listener }
    Thread.detachNewThread { [weak self] in
      while case let descriptor = accept(listener, nil, nil), descriptor >= 0 {
        guard let self else { break }
        Thread.detachNewThread { self.serve(StoreConnection(descriptor)) }
      }
      close(listener)
    }
  }

  func stop() {
    let listener = state.withLock { state in
      defer { state.listener = -1 }
      return state.listener
    }
    if listener >= 0 { shutdown(listener, Int32(SHUT_RDWR)) }
  }
}

/// Counts down.
final class Countdown: Sendable {
  private let left: Atomic<Int>

  init(_ count: Int) { left = Atomic(count) }

  /// Whether there is one left; takes it.
  func next() -> Bool { left.wrappingSubtract(1, ordering: .relaxed).oldValue > 0 }
}
