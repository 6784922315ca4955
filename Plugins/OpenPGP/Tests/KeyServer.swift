import Omnibus
import OmnibusTesting
import Synchronization

/// Answers every HTTP request with what it is told to.
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
  private let server = TestHTTPServer()
  private let answer = Mutex(Answer.away)

  init(_ answer: Answer) throws { try become(answer) }

  var url: String { "\(server.url)/pub_key" }

  func become(_ answer: Answer) throws {
    self.answer.withLock { $0 = answer }
    if case .away = answer { return server.stop() }
    try server.start { [weak self] connection in
      guard connection.request() != nil, let self else { return }
      switch self.answer.withLock({ $0 }) {
      case .key(let key): connection.answer(200, ["connection": "close"], key)
      case .cut(let key):
        connection.write("HTTP/1.1 200 OK\r\ncontent-length: \(key.count)\r\n\r\n", Array(key[..<(key.count / 2)]))
      case .status(let status): connection.answer(status, ["connection": "close"])
      case .away: return
      }
      self.requests.append(true)
    }
  }
}
