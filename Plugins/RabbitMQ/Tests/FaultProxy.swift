import Glibc
import OmnibusReactor
import Synchronization

/// Stands between clients and a broker, sees what they say, and disturbs it.
final class FaultProxy: Sendable {
  /// What it does with what comes.
  enum Mode: Sendable {
    case pass
    /// Connections are ended at once.
    case refuse
    /// What the broker says does not come through.
    case mute
    /// What comes through in place of what the broker says is no AMQP.
    case nonsense
    /// A connection ends when a message is published over it, which has gone to the broker.
    case cutAfterPublish
    /// What holds the next acknowledgement goes to the broker twice.
    case repeatAcknowledgement
  }

  /// What it has seen of a delivery.
  enum Outcome: Sendable, Equatable { case open, acknowledged, requeued, rejected }

  private struct State {
    var mode = Mode.pass
    var sockets: Set<Int32> = []
    var isEnding = false
    var outcomes: [[UInt8]: Outcome] = [:]
    var acknowledgeFrames = 0
  }

  let port: UInt16
  private let listener: Int32
  private let broker: UInt16
  private let state = Mutex(State())

  /// A proxy for the broker at a port of 127.0.0.1. It listens at `port`, which nobody else listens at, or at one of its own.
  init(to broker: UInt16, at port: UInt16 = 0) throws {
    self.broker = broker
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var (address, length) = (Self.address(port), socklen_t(MemoryLayout<sockaddr_in>.size))
    let listener = listener
    var on: Int32 = 1
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
    let isListening = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && listen(listener, 64) == 0 && getsockname(listener, $0, &length) == 0
      }
    }
    guard isListening else { throw SystemError("listen") }
    self.port = UInt16(bigEndian: address.sin_port)
    try OperatingSystemThread.start(named: "proxy") { [weak self] in
      while true {
        let client = accept(listener, nil, nil)
        guard client >= 0, let self else {
          if client >= 0 { close(client) }
          return
        }
        self.serve(client)
      }
    }
  }

  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
    cut()
  }

  /// Does otherwise from now on, with connections that stand, too.
  func become(_ mode: Mode) {
    state.withLock { $0.mode = mode }
    if mode == .refuse || mode == .nonsense { cut() }
  }

  /// Ends all connections.
  func cut() {
    state.withLock { state in
      for socket in state.sockets { shutdown(socket, Int32(SHUT_RDWR)) }
    }
  }

  /// What became of the message with a body that begins so; nil where none was handed out.
  func outcome(of body: [UInt8]) -> Outcome? { state.withLock { $0.outcomes[Array(body.prefix(256))] } }
  /// How many frames there were that acknowledge.
  var acknowledgeFrames: Int { state.withLock { $0.acknowledgeFrames } }

  private var mode: Mode { state.withLock { $0.mode } }

  private static func address(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return address
  }

  private func serve(_ client: Int32) {
    let mode = mode
    if mode == .nonsense {
      let text = Array("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n".utf8)
      send(client, text, text.count, Int32(MSG_NOSIGNAL))
    }
    guard mode != .refuse, mode != .nonsense, let server = connect() else {
      close(client)
      return
    }
    state.withLock { $0.sockets.formUnion([client, server]) }
    let spy = Spy()
    let open = Atomic2()
    for (from, to, isClient) in [(client, server, true), (server, client, false)] {
      let started: Void? = try? OperatingSystemThread.start(named: "proxy-pump") { [weak self] in
        Self.pump(from, to, isClient, spy) { self }
        shutdown(from, Int32(SHUT_RDWR))
        shutdown(to, Int32(SHUT_RDWR))
        guard open.isLast() else { return }
        self?.state.withLock { $0.sockets.subtract([client, server]) }
        close(client)
        close(server)
      }
      precondition(started != nil, "the tests need threads")
    }
  }

  private func connect() -> Int32? {
    let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = Self.address(broker)
    let isConnected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    if isConnected { return server }
    close(server)
    return nil
  }

  private static func pump(
    _ from: Int32, _ to: Int32, _ isClient: Bool, _ spy: Spy, _ proxy: () -> FaultProxy?
  ) {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(from, &buffer, buffer.count, 0)
      guard count > 0 else { return }
      let seen = spy.read(buffer[..<count], isClient: isClient)
      proxy()?.note(seen)
      while !isClient, proxy()?.mode == .mute { poll(nil, 0, 5) }
      var left = buffer[..<count]
      if isClient, seen.acknowledgeFrames > 0, proxy()?.mode == .repeatAcknowledgement {
        proxy()?.become(.pass)
        left += left
      }
      while !left.isEmpty {
        let sent = left.withUnsafeBytes { send(to, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        guard sent > 0 else { return }
        left = left.dropFirst(sent)
      }
      if isClient, seen.publishes > 0, proxy()?.mode == .cutAfterPublish { return }
    }
  }

  private func note(_ seen: Spy.Seen) {
    state.withLock { state in
      for (body, outcome) in seen.outcomes { state.outcomes[body] = outcome }
      state.acknowledgeFrames += seen.acknowledgeFrames
    }
  }

  private final class Atomic2: Sendable {
    private let count = Atomic<Int>(2)
    func isLast() -> Bool { count.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 }
  }
}

/// Reads the frames of one connection (AMQP 0-9-1, 2.3.5) as they pass.
final class Spy: Sendable {
  struct Seen {
    var publishes = 0
    var acknowledgeFrames = 0
    var outcomes: [([UInt8], FaultProxy.Outcome)] = []
  }

  private struct State {
    var pending: [Bool: [UInt8]] = [:]
    var hasGreeted = false
    var tag: UInt64 = 0
    var left: UInt64 = 0
    var body: [UInt8] = []
    var open: [UInt64: [UInt8]] = [:]
  }

  private let state = Mutex(State())

  func read(_ bytes: ArraySlice<UInt8>, isClient: Bool) -> Seen {
    state.withLock { state in
      var seen = Seen()
      var data = (state.pending[isClient] ?? []) + bytes
      if isClient, !state.hasGreeted {
        guard data.count >= 8 else {
          state.pending[isClient] = data
          return seen
        }
        data.removeFirst(8)
        state.hasGreeted = true
      }
      var place = 0
      while data.count - place >= 8 {
        let size = Int(Self.number(data[(place + 3)...], 4))
        guard data.count - place >= size + 8 else { break }
        Self.frame(data[place], data[(place + 7)..<(place + 7 + size)], isClient, &state, &seen)
        place += size + 8
      }
      state.pending[isClient] = Array(data[place...])
      return seen
    }
  }

  private static func frame(
    _ type: UInt8, _ payload: ArraySlice<UInt8>, _ isClient: Bool, _ state: inout State, _ seen: inout Seen
  ) {
    switch type {
    case 1:
      let rest = payload.dropFirst(4)
      switch (number(payload, 2), number(payload.dropFirst(2), 2), isClient) {
      case (60, 40, true): seen.publishes += 1
      case (60, 60, false): state.tag = number(rest.dropFirst(1 + Int(rest.first ?? 0)), 8)
      case (60, 80, true):
        seen.acknowledgeFrames += 1
        settle(number(rest, 8), multiple: rest.dropFirst(8).first == 1, .acknowledged, &state, &seen)
      case (60, 120, true):
        let isRequeued = (rest.dropFirst(8).first ?? 0) & 2 != 0
        settle(number(rest, 8), multiple: false, isRequeued ? .requeued : .rejected, &state, &seen)
      default: break
      }
    case 2 where !isClient:
      (state.left, state.body) = (number(payload.dropFirst(4), 8), [])
      if state.left == 0 { deliver(&state, &seen) }
    case 3 where !isClient:
      if state.body.count < 256 { state.body += payload.prefix(256 - state.body.count) }
      state.left -= min(state.left, UInt64(payload.count))
      if state.left == 0 { deliver(&state, &seen) }
    default: break
    }
  }

  private static func deliver(_ state: inout State, _ seen: inout Seen) {
    state.open[state.tag] = state.body
    seen.outcomes.append((state.body, .open))
  }

  private static func settle(
    _ tag: UInt64, multiple: Bool, _ outcome: FaultProxy.Outcome, _ state: inout State, _ seen: inout Seen
  ) {
    for settled in multiple ? state.open.keys.filter({ $0 <= tag }) : [tag] {
      if let body = state.open.removeValue(forKey: settled) { seen.outcomes.append((body, outcome)) }
    }
  }

  private static func number(_ bytes: ArraySlice<UInt8>, _ count: Int) -> UInt64 {
    bytes.prefix(count).reduce(0) { $0 << 8 | UInt64($1) }
  }
}
