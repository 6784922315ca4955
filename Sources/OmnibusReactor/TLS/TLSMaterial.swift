internal import Synchronization

/// What was made of files, and is made anew when they have changed. What cannot be made leaves what there was.
final class TLSMaterial<Value: Sendable>: Sendable {
  private struct State {
    var value: Value
    var stamps: [FileStamp?]
    var made: UInt64
    /// What was wrong the last time, and told.
    var problem: TLSFileProblem?
  }

  private let files: [String]
  /// Nanoseconds after which it is made anew although nothing changed.
  private let lifetime: UInt64
  private let make: @Sendable () throws(TLSFileProblem) -> Value
  private let state: Mutex<State>

  init(
    _ files: [String], lifetime: Duration, make: @escaping @Sendable () throws(TLSFileProblem) -> Value
  ) throws(TLSFileProblem) {
    self.files = files
    self.lifetime = lifetime.nanosecondsClamped
    self.make = make
    // Looked at first: a change while they are read is seen the next time.
    let stamps = files.map { FileStamp($0) }
    state = Mutex(State(value: try make(), stamps: stamps, made: MonotonicTime.now))
  }

  var value: Value { state.withLock { $0.value } }

  /// Looks whether the files changed, and reads them then. Blocks. Of several calls at once one is told of a change.
  func refresh() -> TLSRefresh {
    let stamps = files.map { FileStamp($0) }
    let now = MonotonicTime.now
    let former: (stamps: [FileStamp?], made: UInt64)? = state.withLock { state in
      guard state.stamps != stamps || now &- state.made >= lifetime else { return nil }
      defer { (state.stamps, state.made) = (stamps, now) }
      return (state.stamps, state.made)
    }
    guard let former else { return .unchanged }
    do throws(TLSFileProblem) {
      let value = try make()
      state.withLock { state in
        state.value = value
        state.problem = nil
      }
      return former.stamps != stamps ? .renewed : .unchanged
    } catch {
      // What is wrong may pass without another change of the files: they are read again the next time.
      return state.withLock { state in
        (state.stamps, state.made) = former
        defer { state.problem = error }
        return state.problem == error ? .unchanged : .kept(error)
      }
    }
  }
}

/// What a look at the files of certificates came to.
public enum TLSRefresh: Sendable, Equatable {
  /// They are what they were.
  case unchanged
  /// They changed; new connections take what they hold now.
  case renewed
  /// They changed, and cannot be used; what they held before stays. Said once for each problem.
  case kept(TLSFileProblem)
}
