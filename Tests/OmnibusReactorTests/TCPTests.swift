import Glibc
import Synchronization
import Testing

@testable import OmnibusReactor

@Suite(.timeLimit(.minutes(5))) struct TCPTests {
  /// Sends back what it reads.
  // @unchecked: used on its reactor alone.
  private final class Echo: ReadinessHandler, @unchecked Sendable {
    let connection: TCPConnection
    init(_ connection: TCPConnection) { self.connection = connection }
    func ready(_ readiness: Readiness) {
      withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 1) { buffer in
        switch connection.read(into: buffer) {
        case .bytes(let count): _ = connection.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        case .blocked: break
        case .ended, .failed, .broken: connection.close()
        }
      }
    }
  }

  /// Hands on the first bytes that it reads.
  // @unchecked: used on its reactor alone.
  private final class Reader: ReadinessHandler, @unchecked Sendable {
    let connection: TCPConnection
    let done: UnsafeContinuation<[UInt8], Never>
    init(_ connection: TCPConnection, _ done: UnsafeContinuation<[UInt8], Never>) {
      self.connection = connection
      self.done = done
    }
    func ready(_ readiness: Readiness) {
      withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 1) { buffer in
        guard case .bytes(let count) = connection.read(into: buffer) else { return }
        connection.close()
        done.resume(returning: Array(buffer[..<count]))
      }
    }
  }

  private func address(_ text: String) throws -> SocketAddress { try #require(SocketAddress(text)) }

  @Test("bytes go there and back, over IPv4 and IPv6", arguments: ["127.0.0.1:0", "[::1]:0"])
  func echo(_ text: String) async throws {
    let group = try ReactorGroup(count: 2)
    let listener = try TCPListener.bind(try address(text), maxConnections: 10)
    #expect(listener.address.port != 0)
    listener.accept(on: group) { connection in
      try? connection.start(.readable, handler: Echo(connection))
    }
    for reactor in group.reactors {
      let connection = try await TCPConnection.connect(to: listener.address, on: reactor, timeout: .seconds(5))
      let answer = await withUnsafeContinuation { done in
        reactor.execute {
          try? connection.start(.readable, handler: Reader(connection, done))
          _ = Array("hello".utf8).withUnsafeBytes { connection.write($0) }
        }
      }
      #expect(answer == Array("hello".utf8))
    }
    listener.close()
    await listener.allClosed()
  }

  @Test("connections are spread over the reactors evenly")
  func balance() async throws {
    let group = try ReactorGroup(count: 2)
    let listener = try TCPListener.bind(try address("127.0.0.1:0"), maxConnections: 100)
    let accepted = Collected<TCPConnection>()
    let semaphore = Semaphore()
    listener.accept(on: group) { connection in
      accepted.append(connection)
      semaphore.signal()
    }
    var clients: [TCPConnection] = []
    for _ in 0..<20 {
      clients.append(
        try await TCPConnection.connect(to: listener.address, on: group.reactors[0], timeout: .seconds(5)))
    }
    try await BlockingExecutor(threads: 1).run { for _ in 0..<20 { semaphore.wait() } }
    #expect(accepted.all.count { $0.reactor.index == 0 } == 10)
    listener.close()
  }

  @Test("no more connections are taken than may be, and the next one as soon as one is closed")
  func limit() async throws {
    let group = try ReactorGroup(count: 2)
    let listener = try TCPListener.bind(try address("127.0.0.1:0"), maxConnections: 2)
    let accepted = Collected<TCPConnection>()
    let semaphore = Semaphore()
    listener.accept(on: group) { connection in
      accepted.append(connection)
      semaphore.signal()
    }
    var clients: [TCPConnection] = []
    for _ in 0..<3 {
      clients.append(
        try await TCPConnection.connect(to: listener.address, on: group.reactors[0], timeout: .seconds(5)))
    }
    let blocking = BlockingExecutor(threads: 1)
    try await blocking.run { for _ in 0..<2 { semaphore.wait() } }
    for reactor in group.reactors { await reactor.turn() }
    #expect(accepted.all.count == 2)
    let first = accepted.all[0]
    first.reactor.execute { first.close() }
    try await blocking.run { semaphore.wait() }
    #expect(accepted.all.count == 3)
    listener.close()
  }

  @Test("an address that is taken is refused, and is free again after a close")
  func rebind() async throws {
    let group = try ReactorGroup(count: 2)
    let listener = try TCPListener.bind(try address("127.0.0.1:0"), maxConnections: 2)
    listener.accept(on: group) { $0.close() }
    let taken = #expect(throws: SystemError.self) { try TCPListener.bind(listener.address, maxConnections: 2) }
    #expect(taken?.description == "bind: address already in use")
    listener.close()
    let second = try TCPListener.bind(listener.address, maxConnections: 2)
    second.close()
  }

  @Test("a refused connection says so")
  func refused() async throws {
    let group = try ReactorGroup(count: 1)
    let listener = try TCPListener.bind(try address("127.0.0.1:0"), maxConnections: 1)
    listener.close()
    let error = await #expect(throws: SystemError.self) {
      try await TCPConnection.connect(to: listener.address, on: group.reactors[0], timeout: .seconds(5))
    }
    #expect(error?.code == ECONNREFUSED)
  }
}
