internal import CRabbitMQ
internal import Glibc
internal import Omnibus
internal import OmnibusReactor

/// A connection to a broker with one channel, by librabbitmq: for one thread at a time.
final class AMQPConnection {
  /// No frame is larger. The library reads tables without a bound of their own, a level of its stack for each level of
  /// theirs; what fits this is well within a thread's stack.
  static let frameMax: Int32 = 65_536
  static let channel: amqp_channel_t = 1

  let state: amqp_connection_state_t
  private let pool: UnsafeMutablePointer<amqp_pool_t>
  /// The socket; -1 where there is none any more.
  var descriptor: Int32 { amqp_get_sockfd(state) }
  /// Whether what is written goes through TLS.
  private(set) var isSecure = false
  /// The largest frame that both sides take, in bytes.
  var frameMax: Int { Int(amqp_get_frame_max(state)) }
  /// Milliseconds within which the library has to be called, for the heartbeat; -1 for any time.
  private(set) var quietTime: Int32 = -1

  private init() throws(Failure) {
    guard let state = amqp_new_connection() else { throw Failure(.internal, "out of memory") }
    self.state = state
    pool = .allocate(capacity: 1)
    init_amqp_pool(pool, 4096)
  }

  deinit {
    amqp_destroy_connection(state)
    empty_amqp_pool(pool)
    pool.deallocate()
  }

  /// Connects to the first address that is there, logs in, and opens the channel. Fails with `unavailable` or `timeout`
  /// where none is there, with `unauthorized` where the broker refuses user or virtual host.
  static func open(_ broker: Broker) throws(Failure) -> AMQPConnection {
    var last = Failure(.unavailable, "there is no address to connect to")
    for address in broker.addresses {
      do throws(Failure) {
        let connection = try AMQPConnection()
        try connection.connect(to: address, broker)
        return connection
      } catch {
        guard error.isTransient else { throw error }
        last = error
      }
    }
    throw last
  }

  private func connect(to address: BrokerAddress, _ broker: Broker) throws(Failure) {
    var limit = timeval(broker.connectTimeout)
    amqp_set_handshake_timeout(state, &limit)
    amqp_set_rpc_timeout(state, &limit)
    omnibus_amqp_tls_forget()
    let socket = address.isSecure ? amqp_ssl_socket_new(state) : amqp_tcp_socket_new(state)
    guard let socket else { throw Failure(.internal, "out of memory") }
    isSecure = address.isSecure
    if isSecure { try secure(socket, for: address.host, broker) }
    let status = amqp_socket_open_noblock(socket, address.host, address.port, &limit)
    guard status == 0 else { throw AMQPProblem.connecting(status, broker) }
    let answer = omnibus_amqp_login(
      state, broker.vhost, Self.frameMax, broker.heartbeat, broker.name, broker.user, broker.password.reveal)
    try AMQPProblem.check(answer, "the connection")
    let heartbeat = amqp_get_heartbeat(state)
    if heartbeat > 0 { quietTime = max(heartbeat * 500 - 100, 100) }
    _ = amqp_channel_open(state, Self.channel)
    try check("the channel")
  }

  private func secure(_ socket: OpaquePointer, for host: String, _ broker: Broker) throws(Failure) {
    var address = in6_addr()
    let isAddress = inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1
    let tls = broker.tls
    let status = omnibus_amqp_secure(
      socket, tls.authorities, tls.identity?.certificate, tls.identity?.key, host, isAddress ? 1 : 0,
      tls.minimumVersion == .tls13 ? TLS1_3_VERSION : TLS1_2_VERSION)
    guard status == 0 else { throw AMQPProblem.tls }
  }

  /// Ends the connection. Where the broker is still there it is told so, and has worked on all that was sent before.
  func close() {
    var limit = timeval(tv_sec: 2, tv_usec: 0)
    amqp_set_rpc_timeout(state, &limit)
    if amqp_channel_close(state, Self.channel, AMQP_REPLY_SUCCESS).reply_type == AMQP_RESPONSE_NORMAL {
      _ = amqp_connection_close(state, AMQP_REPLY_SUCCESS)
    }
  }

  /// Has the broker work on all that was sent, where what it sends cannot be read any more: says that nothing follows, and
  /// waits a moment for its end.
  func finishWriting() {
    let socket = descriptor
    guard socket >= 0 else { return }
    shutdown(socket, Int32(SHUT_WR))
    var waiting = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
    var bytes = [UInt8](repeating: 0, count: 65_536)
    for _ in 0..<100 {
      guard poll(&waiting, 1, 1000) > 0 else { return }
      let count = recv(socket, &bytes, bytes.count, Int32(MSG_DONTWAIT))
      guard count > 0 else { return }
    }
  }

  // MARK: calls that wait for an answer

  /// Fails with what the broker answered to the call before.
  func check(_ what: String) throws(Failure) { try AMQPProblem.check(omnibus_amqp_answer(state), what) }

  func declare(exchange name: String, type: String) throws(Failure) {
    name.withAMQP { name in
      type.withAMQP { _ = amqp_exchange_declare(state, Self.channel, name, $0, 0, 1, 0, 0, amqp_empty_table) }
    }
    try check("exchange \"\(name)\"")
  }

  /// Fails with `rejected` where there is no such exchange.
  func check(exchange name: String) throws(Failure) {
    name.withAMQP { name in
      "direct".withAMQP { _ = amqp_exchange_declare(state, Self.channel, name, $0, 1, 0, 0, 0, amqp_empty_table) }
    }
    try check("exchange \"\(name)\"")
  }

  func declare(queue name: String, arguments: [(String, Value)]) throws(Failure) {
    try withTable(arguments) { table in
      name.withAMQP { _ = amqp_queue_declare(state, Self.channel, $0, 0, 1, 0, 0, table) }
    }
    try check("queue \"\(name)\"")
  }

  /// How many messages wait in a queue. Fails with `rejected` where there is no such queue.
  @discardableResult
  func count(queue name: String) throws(Failure) -> UInt32 {
    let answer = name.withAMQP { amqp_queue_declare(state, Self.channel, $0, 1, 0, 0, 0, amqp_empty_table) }
    try check("queue \"\(name)\"")
    return answer?.pointee.message_count ?? 0
  }

  func bind(queue: String, to exchange: String, key: String, arguments: [(String, Value)]) throws(Failure) {
    try withTable(arguments) { table in
      queue.withAMQP { queue in
        exchange.withAMQP { exchange in
          key.withAMQP { _ = amqp_queue_bind(state, Self.channel, queue, exchange, $0, table) }
        }
      }
    }
    try check("the binding of queue \"\(queue)\" to exchange \"\(exchange)\"")
  }

  func bind(exchange: String, to source: String, key: String, arguments: [(String, Value)]) throws(Failure) {
    try withTable(arguments) { table in
      exchange.withAMQP { exchange in
        source.withAMQP { source in
          key.withAMQP { _ = amqp_exchange_bind(state, Self.channel, exchange, source, $0, table) }
        }
      }
    }
    try check("the binding of exchange \"\(exchange)\" to exchange \"\(source)\"")
  }

  /// Has the broker confirm what is published from now on.
  func selectConfirms() throws(Failure) {
    _ = amqp_confirm_select(state, Self.channel)
    try check("confirms")
  }

  /// Has the broker send messages of a queue, `prefetch` of them before one is settled; 0 for any number.
  func consume(_ queue: String, prefetch: UInt16, settles: Bool) throws(Failure) {
    if prefetch > 0 {
      _ = amqp_basic_qos(state, Self.channel, 0, prefetch, 0)
      try check("the prefetch")
    }
    queue.withAMQP {
      _ = amqp_basic_consume(
        state, Self.channel, $0, omnibus_amqp_bytes("omnibus", 7), 0, settles ? 0 : 1, 0, amqp_empty_table)
    }
    try check("queue \"\(queue)\"")
  }

  /// Has the broker send no more messages.
  func cancelConsumer() throws(Failure) {
    _ = amqp_basic_cancel(state, Self.channel, omnibus_amqp_bytes("omnibus", 7))
    try check("the consumer")
  }

  // MARK: what does not wait

  /// The next frame that is there.
  func next() -> omnibus_amqp_frame {
    var frame = omnibus_amqp_frame()
    omnibus_amqp_next(state, &frame)
    return frame
  }

  /// Gives back the memory of frames that were worked on.
  func releaseBuffers() { amqp_maybe_release_buffers(state) }

  /// Sends what are whole frames, past the library, over a connection without TLS; answers how many bytes it took, which
  /// are all of them unless it broke.
  func send(_ frames: [UInt8]) -> Int {
    frames.withUnsafeBytes { bytes in
      var place = 0
      while place < bytes.count {
        let rest = UnsafeRawBufferPointer(rebasing: bytes[place...])
        let count = Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
        if count > 0 {
          place += count
        } else if errno == EAGAIN {
          var writable = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          poll(&writable, 1, -1)
        } else if errno != EINTR {
          break
        }
      }
      return place
    }
  }

  /// Sends a message; answers whether the connection took it.
  func publish(
    exchange: amqp_bytes_t, key: UnsafeRawBufferPointer, isMandatory: Bool, properties: UnsafeRawBufferPointer,
    body: UnsafeRawBufferPointer
  ) -> Bool {
    omnibus_amqp_publish(
      state, pool, exchange, omnibus_amqp_bytes(key.baseAddress, key.count), isMandatory ? 1 : 0,
      omnibus_amqp_bytes(properties.baseAddress, properties.count), omnibus_amqp_bytes(body.baseAddress, body.count))
      == 0
  }

  func acknowledge(_ tag: UInt64, multiple: Bool) -> Bool {
    amqp_basic_ack(state, Self.channel, tag, multiple ? 1 : 0) == 0
  }

  func refuse(_ tag: UInt64, requeue: Bool) -> Bool {
    amqp_basic_nack(state, Self.channel, tag, 0, requeue ? 1 : 0) == 0
  }

  /// Holds back what is written until it is told otherwise.
  func cork(_ isOn: Bool) { omnibus_amqp_cork(descriptor, isOn ? 1 : 0) }

  private func withTable(_ entries: [(String, Value)], _ body: (amqp_table_t) -> Void) throws(Failure) {
    guard !entries.isEmpty else { return body(amqp_empty_table) }
    var properties = MessageProperties()
    properties.headers = entries
    var bytes: [UInt8] = []
    try properties.write(to: &bytes)
    bytes.withUnsafeBytes { body(omnibus_amqp_table(pool, $0.baseAddress, $0.count)) }
    recycle_amqp_pool(pool)
  }
}

extension String {
  fileprivate func withAMQP<Result>(_ body: (amqp_bytes_t) -> Result) -> Result {
    var text = self
    return text.withUTF8 { body(omnibus_amqp_bytes($0.baseAddress, $0.count)) }
  }
}

extension timeval {
  init(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    self.init(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
  }
}
