internal import CReactor
internal import Glibc

// @unchecked: what changes is in the kernel, which takes calls from any thread.
/// Tells what happens in folders, by inotify(7): for local file systems only, since those of a network tell nothing.
public final class FolderEvents: ReadinessHandler, @unchecked Sendable {
  /// One thing that happened.
  public struct Event: Sendable {
    /// The number that `watch` gave for the folder; -1 where events were lost.
    public var folder: Int32
    /// What it is about: a name in the folder, or empty for the folder itself.
    public var name: String
    /// What happened.
    public var kind: Kind
    /// Whether the name is that of a folder.
    public var isFolder: Bool
  }

  /// What can happen.
  public struct Kind: OptionSet, Sendable {
    /// Bits of inotify(7).
    public let rawValue: UInt32
    /// Kinds of the given bits of inotify(7).
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    /// Whoever wrote to a file has closed it.
    public static let closed = Kind(rawValue: UInt32(IN_CLOSE_WRITE))
    /// Something was renamed to this name.
    public static let movedIn = Kind(rawValue: UInt32(IN_MOVED_TO))
    /// Something was renamed from this name.
    public static let movedOut = Kind(rawValue: UInt32(IN_MOVED_FROM))
    /// A file or folder was made.
    public static let made = Kind(rawValue: UInt32(IN_CREATE))
    /// A file or folder was removed.
    public static let removed = Kind(rawValue: UInt32(IN_DELETE))
    /// The folder itself was moved or removed, or its file system unmounted. Always told.
    public static let gone = Kind(rawValue: UInt32(IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED))
    /// More happened than the kernel keeps: whoever must know all looks for himself. Always told.
    public static let lost = Kind(rawValue: UInt32(IN_Q_OVERFLOW))
  }

  private let reactor: Reactor
  private let descriptor: Int32
  private let handler: @Sendable ([Event]) -> Void

  /// Calls `handler` on `reactor`'s thread, until `stop`. Fails where the system allows no more of these.
  public static func start(
    on reactor: Reactor, _ handler: @escaping @Sendable ([Event]) -> Void
  ) throws(SystemError) -> FolderEvents {
    let descriptor = try SystemError.check("inotify_init1", inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC)))
    let events = FolderEvents(reactor, descriptor, handler)
    // Where it cannot be registered nothing is told, as on the file systems of a network.
    reactor.execute { try? reactor.register(descriptor, .readable, handler: events) }
    return events
  }

  private init(_ reactor: Reactor, _ descriptor: Int32, _ handler: @escaping @Sendable ([Event]) -> Void) {
    self.reactor = reactor
    self.descriptor = descriptor
    self.handler = handler
  }

  deinit { close(descriptor) }

  /// Tells of `kinds` in the folder `path` from now on, under the number returned. A folder that is watched already
  /// keeps its number, so that this may be asked again and again of a path that may come to name another folder.
  public func watch(_ path: String, _ kinds: Kind) throws(SystemError) -> Int32 {
    let mask = kinds.rawValue | UInt32(IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)
    return try SystemError.check("inotify_add_watch", inotify_add_watch(descriptor, path, mask))
  }

  /// Tells no more of a folder; one that is not watched is left alone.
  public func unwatch(_ folder: Int32) { inotify_rm_watch(descriptor, folder) }

  /// Tells no more.
  public func stop() { reactor.execute { [self] in reactor.unregister(descriptor) } }

  /// Reads what the kernel tells, a bounded amount a turn: the rest comes with the next one.
  public func ready(_ readiness: Readiness) {
    var events: [Event] = []
    withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 8) { buffer in
      let count = read(descriptor, buffer.baseAddress, buffer.count)
      guard count > 0 else { return }
      events = Self.events(in: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
    if !events.isEmpty { handler(events) }
  }

  private static func events(in bytes: UnsafeRawBufferPointer) -> [Event] {
    var events: [Event] = []
    var place = 0
    let headSize = MemoryLayout<inotify_event>.size
    while place + headSize <= bytes.count {
      let head = bytes.loadUnaligned(fromByteOffset: place, as: inotify_event.self)
      let end = min(place + headSize + Int(head.len), bytes.count)
      let name = String(decoding: bytes[(place + headSize)..<end].prefix { $0 != 0 }, as: UTF8.self)
      events.append(
        Event(folder: head.wd, name: name, kind: Kind(rawValue: head.mask), isFolder: head.mask & UInt32(IN_ISDIR) != 0)
      )
      place = end
    }
    return events
  }
}
