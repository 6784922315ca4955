internal import CReactor
internal import Glibc

/// Starts threads of the operating system, without Foundation.
enum OperatingSystemThread {
  private final class Body {
    let name: String
    let run: @Sendable () -> Void

    init(_ name: String, _ run: @escaping @Sendable () -> Void) {
      self.name = name
      self.run = run
    }
  }

  /// Runs `body` on a new detached thread; `name` shows in `top -H`, cut to 15 bytes.
  static func start(named name: String, _ body: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    let pointer = Unmanaged.passRetained(Body(name, body)).toOpaque()
    let result = pthread_create(
      &thread, nil,
      { pointer in
        guard let pointer else { return nil }
        let body = Unmanaged<Body>.fromOpaque(pointer).takeRetainedValue()
        omnibus_thread_set_name(String(body.name.prefix(15)))
        body.run()
        return nil
      }, pointer)
    precondition(result == 0, "pthread_create failed with \(result)")
    pthread_detach(thread)
  }
}
