internal import CReactor
internal import Glibc
internal import OmnibusReactor

/// Wakes a thread that waits for a socket.
final class WakeUp: Sendable {
  private let descriptor: Int32

  init() throws(SystemError) {
    descriptor = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
    if descriptor < 0 { throw SystemError("eventfd") }
  }

  deinit { close(descriptor) }

  /// Ends the present wait, or the next one. For any thread.
  func wake() {
    var one: UInt64 = 1
    write(descriptor, &one, 8)
  }

  /// Waits until `socket` is readable, there was a `wake`, or the time has passed; negative for any time.
  func wait(for socket: Int32, milliseconds: Int32) {
    var descriptors = (
      pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0), pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
    )
    let isWoken = withUnsafeMutableBytes(of: &descriptors) { bytes in
      let list = bytes.bindMemory(to: pollfd.self)
      // A negative descriptor is passed over, so that who has no connection waits in the same way.
      return poll(list.baseAddress, 2, milliseconds) > 0 && list[0].revents != 0
    }
    guard isWoken else { return }
    var count: UInt64 = 0
    read(descriptor, &count, 8)
  }
}
