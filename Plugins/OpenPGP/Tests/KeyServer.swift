import Foundation
import Glibc
import Omnibus
import OmnibusTesting
import Synchronization

/// Answers every HTTP request with what it is told to, a thread a connection.
final class KeyServer: Sendable {
  enum Answer: Sendable {
    case key([UInt8])
    /// Half of a key, after which the connection is cut.
    case cut([UInt8])
    case status(Int)
    /// Nobody listens.
    case away
  }

  let requests = Recorder<Bool>()
  private let port = ReservedPort()
  private let state = Mutex((answer: Answer.away, listener: Int32(-1)))

  init(_ answer: Answer) throws { try become(answer) }

  deinit { stop() }

  var url: String { "\(port.address.hasPrefix("http") ? "" : "http://")\(port.address)/pub_key" }

  func become(_ answer: Answer) throws {
    state.withLock { $0.answer = answer }
    if case .away = answer { return stop() }
    guard state.withLock({ $0.listener < 0 }) else { return }
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var flag: Int32 = 1
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &flag, 4)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.number.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 && listen(listener, 16) == 0
      }
    }
    guard isBound else { throw Failure(.unavailable, "the server of the test cannot listen") }
    state.withLock { $0.listener = listener }
    Thread.detachNewThread { [weak self] in
      while case let connection = accept(listener, nil, nil), connection >= 0 {
        guard let self else { break }
        serve(connection)
      }
      close(listener)
    }
  }

  private func stop() {
    let listener = state.withLock { state in
      defer { state.listener = -1 }
      return state.listener
    }
    if listener >= 0 { shutdown(listener, Int32(SHUT_RDWR)) }
  }

  private func serve(_ connection: Int32) {
    defer { close(connection) }
    var request: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 4096)
    while !String(decoding: request, as: UTF8.self).contains("\r\n\r\n") {
      let count = recv(connection, &piece, piece.count, 0)
      guard count > 0 else { return }
      request += piece[..<count]
    }
    var answer: [UInt8]
    switch state.withLock({ $0.answer }) {
    case .key(let key):
      answer = Array("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: \(key.count)\r\n\r\n".utf8) + key
    case .cut(let key):
      answer = Array("HTTP/1.1 200 OK\r\ncontent-length: \(key.count)\r\n\r\n".utf8) + key[..<(key.count / 2)]
    case .status(let status):
      answer = Array("HTTP/1.1 \(status) No\r\nconnection: close\r\ncontent-length: 0\r\n\r\n".utf8)
    case .away: return
    }
    _ = send(connection, answer, answer.count, Int32(MSG_NOSIGNAL))
    requests.append(true)
  }
}
