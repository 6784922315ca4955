/// What an unfriendly client does, over and over, on connections of its own.
struct Attack: Sendable, CustomStringConvertible {
  let name: String
  /// How many connections it holds at the same time.
  let width: Int
  /// What is sent first on each connection.
  let opening: [UInt8]
  /// What is sent on and on then, a piece a turn; nothing ends the connection and opens another.
  let drip: [UInt8]
  /// Whether what is answered is read.
  var reads = false
  /// Whether connections end in a reset.
  var resets = false

  var description: String { name }

  private init(
    _ name: String, width: Int, _ opening: String, drip: String = "", reads: Bool = false, resets: Bool = false
  ) {
    self.name = name
    self.width = width
    self.opening = Array(opening.utf8)
    self.drip = Array(drip.utf8)
    self.reads = reads
    self.resets = resets
  }

  private static let head = "POST /echo HTTP/1.1\r\nHost: a\r\n"
  private static let chunked = head + "Transfer-Encoding: chunked\r\n\r\n"
  private static let hello = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"

  private static func many(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }

  static let all: [Attack] = [
    Attack("headers that drip", width: 200, "GET /hello HTTP/1.1\r\nHost: a\r\nX: ", drip: "a"),
    Attack("headers that drip line by line", width: 100, "GET /hello HTTP/1.1\r\nHost: a\r\n", drip: "X: y\r\n"),
    Attack("bodies that drip", width: 200, head + "Content-Length: 1000000\r\n\r\n", drip: "a"),
    Attack("chunks of one byte", width: 50, chunked, drip: many("1\r\na\r\n", 500)),
    Attack("streams that drip", width: 100, chunked.replacing("/echo", with: "/stream"), drip: "1\r\na\r\n"),
    Attack("answers that nobody reads", width: 50, "GET /large HTTP/1.1\r\nHost: a\r\n\r\n", drip: hello),
    Attack("requests that nobody reads the answers of", width: 20, many(hello, 2000), drip: many(hello, 2000)),
    Attack(
      "requests for nothing", width: 20, "", drip: many("GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n", 500), reads: true),
    Attack("more fields than may be", width: 20, "GET /hello HTTP/1.1\r\nHost: a\r\n" + many("X: y\r\n", 20_000)),
    Attack("a field that never ends", width: 20, "GET /hello HTTP/1.1\r\nHost: a\r\nX: " + many("a", 200_000)),
    Attack("a target that never ends", width: 20, "GET /" + many("a", 200_000)),
    Attack("empty lines", width: 50, "", drip: many("\r\n", 1000)),
    Attack("chunk extensions that never end", width: 20, chunked, drip: "1;" + many("a", 8000)),
    Attack("trailers that never end", width: 20, chunked + "0\r\n", drip: many("X: y\r\n", 1000)),
    Attack("a chunk of all the bytes there are", width: 20, chunked + "fffffffffffffff\r\n", drip: many("a", 60_000)),
    Attack("connections that say nothing", width: 500, ""),
    Attack("connections that are reset in a request", width: 50, head + "Content-Length: 100\r\n\r\nabc", resets: true),
    Attack("clients that speak TLS", width: 50, "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}" + many("\u{1}", 500)),
    Attack("expectations without a body", width: 100, head + "Expect: 100-continue\r\nContent-Length: 100\r\n\r\n"),
  ]

  /// One turn: each connection sends on, and those that are done or gone make place for others.
  func turn(_ clients: inout [RawClient], port: UInt16) {
    while clients.count < width, let client = try? RawClient(port: port, receiveBuffer: 4096) {
      if resets { client.resetWhenClosed() }
      _ = client.sendWhatFits(opening)
      clients.append(client)
    }
    guard !drip.isEmpty else { return clients.removeFirst(clients.count / 4) }
    for client in clients {
      _ = client.sendWhatFits(drip)
      if reads { client.discard() }
    }
    clients.removeAll { $0.isGone }
  }
}
