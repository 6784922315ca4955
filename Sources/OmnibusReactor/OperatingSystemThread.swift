internal import CReactor
internal import Glibc

/// Starts threads of the operating system, without Foundation.
public enum OperatingSystemThread {
  private final class Body {
    let name: String
    let run: @Sendable () -> Void

    init(_ name: String, _ run: @escaping @Sendable () -> Void) {
      self.name = name
      self.run = run
    }
  }

  /// Runs `body` on a new detached thread; `name` shows in `top -H`, cut to 15 bytes.
  public static func start(named name: String, _ body: @escaping @Sendable () -> Void) throws(SystemError) {
    var thread = pthread_t()
    let retained = Unmanaged.passRetained(Body(name, body))
    let result = pthread_create(
      &thread, nil,
      { pointer in
        guard let pointer else { return nil }
        let body = Unmanaged<Body>.fromOpaque(pointer).takeRetainedValue()
        omnibus_thread_set_name(String(body.name.prefix(15)))
        body.run()
        return nil
      }, retained.toOpaque())
    guard result == 0 else {
      retained.release()
      throw SystemError("pthread_create", code: result)
    }
    pthread_detach(thread)
  }
}
