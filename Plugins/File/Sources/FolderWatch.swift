internal import OmnibusReactor
internal import Synchronization

/// Rings when files come into the folder of a source, and keeps the names of those that came complete.
final class FolderWatch: Sendable {
  /// How many names are kept. Files beyond it are found by looking, and have to settle.
  static let nameLimit = 10_000

  private struct State {
    var events: FolderEvents?
    var folder: Int32 = -1
    var arrived: Set<String> = []
  }

  private let folder: InboundFolder
  private let complete: FolderEvents.Kind
  private let alarm: Alarm
  private let state = Mutex(State())

  init(_ folder: InboundFolder, _ ready: FileSourceOptions.Ready, _ alarm: Alarm) {
    self.folder = folder
    self.alarm = alarm
    complete =
      switch ready {
      case .settled: []
      case .moved: .movedIn
      case .closed: [.movedIn, .closed]
      }
  }

  /// Starts to watch; the folder is that of `follow`.
  func start(on reactor: Reactor) throws(SystemError) {
    let events = try FolderEvents.start(on: reactor) { [self] in handle($0) }
    state.withLock { $0.events = events }
  }

  /// Watches what the path names now. To be called before each look, so that nothing falls in between. Blocks.
  func follow() {
    guard let events = state.withLock({ $0.events }) else { return }
    // A folder that is not there is told by the look that follows.
    let number = (try? events.watch(folder.path, [.closed, .movedIn])) ?? -1
    let former = state.withLock { state in
      defer { state.folder = number }
      return state.folder
    }
    if former >= 0, former != number { events.unwatch(former) }
  }

  /// The names of the files that have come complete since the last call.
  func takeArrived() -> Set<String> {
    state.withLock { state in
      defer { state.arrived = [] }
      return state.arrived
    }
  }

  /// Ends the watch.
  func stop() { state.withLock { $0.events.take() }?.stop() }

  /// Notes what happened in the folder.
  func handle(_ events: [FolderEvents.Event]) {
    var isRelevant = false
    for event in events {
      guard !event.name.isEmpty else {
        isRelevant = true
        continue
      }
      guard !event.isFolder, folder.concerns(event.name) else { continue }
      isRelevant = true
      guard !event.kind.isDisjoint(with: complete) else { continue }
      state.withLock { if $0.arrived.count < Self.nameLimit { $0.arrived.insert(event.name) } }
    }
    if isRelevant { alarm.ring() }
  }
}
