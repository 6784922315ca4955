internal import Omnibus

/// What a circuit breaker does, by the times that it is told: whether a call may pass, and what follows from its end.
///
/// Closed it watches the calls in its window, and opens when enough of them failed or took too long. Open it refuses all.
/// After `openFor` it is half open: as many calls as are configured pass on trial, and by them it closes or opens again.
struct BreakerMachine: Sendable {
  struct Settings: Sendable {
    var failureRate: Percentage
    var slowCallRate: Percentage
    /// What takes longer is slow, in nanoseconds; nil where nothing is.
    var slowAfter: UInt64?
    var window: CallWindow.Size
    var minimumCalls: Int
    /// In nanoseconds.
    var openFor: UInt64
    var trialCalls: Int
  }

  /// What becomes of a call.
  enum Decision: Sendable {
    case pass(Call)
    /// It is refused, for so many nanoseconds more; nil where nobody knows for how long.
    case refuse(retryAfter: UInt64?)
  }

  /// A call that passed.
  struct Call: Sendable {
    fileprivate var period: Int
    /// Which trial calls it belongs to: those that were allowed anew take nothing from those before.
    fileprivate var generation: Int
    fileprivate var start: UInt64
  }

  /// How a call ended.
  enum Outcome: Sendable {
    case success
    case failure
    /// It was cancelled, which says nothing of what was called, unless it was slow until then.
    case givenUp
  }

  private(set) var state = BreakerStatus.State.closed
  private(set) var isForced = false
  /// Counts the changes of state: a call that began in another period counts for nothing in this one.
  private(set) var period = 0
  private(set) var refused = 0
  private let settings: Settings
  /// The calls that closing and opening go by.
  private var window: CallWindow
  /// When the present state began; of half open, when trial calls were last allowed anew.
  private var since: UInt64 = 0
  /// The calls for which it opened.
  private var cause = CallTally()
  /// The calls on trial that ended, and how.
  private var trials = CallTally()
  /// The calls on trial that were let pass and not given up.
  private var trialsBegun = 0
  /// Trial calls that have a place and did not begin yet.
  private var trialsPromised = 0
  /// Counts how often trial calls were allowed anew.
  private var trialGeneration = 0

  init(_ settings: Settings) {
    self.settings = settings
    window = CallWindow(settings.window)
  }

  /// Whether there is a place for a call that is to come.
  enum Place: Sendable {
    case notNeeded
    /// It is to come with this number, or give its place back.
    case held(Int)
    case none
  }

  /// How many more trial calls there are places for at this moment.
  var trialsLeft: Int { state == .halfOpen ? settings.trialCalls - trialsBegun - trialsPromised : 0 }

  /// Whether a call that is to come would get a place.
  func hasPlace(at now: UInt64) -> Bool {
    state == .closed || trialsLeft > 0 || state == .halfOpen && now >= since &+ settings.openFor
  }

  /// Keeps a place for a call that is to come.
  mutating func promise(at now: UInt64) -> Place {
    guard state == .halfOpen else { return state == .closed ? .notNeeded : .none }
    allowTrialsAnew(at: now)
    guard trialsLeft > 0 else { return .none }
    trialsPromised += 1
    return .held(trialGeneration)
  }

  /// Takes back a place that no call came for.
  mutating func takeBack(_ place: Int) { if place == trialGeneration, trialsPromised > 0 { trialsPromised -= 1 } }

  /// Whether a call passes, which may have a place.
  mutating func begin(at now: UInt64, place: Int? = nil) -> Decision {
    refresh(at: now)
    if let place { takeBack(place) }
    switch state {
    case .closed: break
    case .open:
      refused += 1
      return .refuse(retryAfter: isForced ? nil : since &+ settings.openFor &- now)
    case .halfOpen:
      allowTrialsAnew(at: now)
      guard trialsLeft > 0 else {
        refused += 1
        return .refuse(retryAfter: nil)
      }
      trialsBegun += 1
    }
    return .pass(Call(period: period, generation: trialGeneration, start: now))
  }

  /// Calls that never end, or never come, must not keep it half open for ever. Those that do end still count.
  private mutating func allowTrialsAnew(at now: UInt64) {
    guard trialsLeft == 0, now >= since &+ settings.openFor else { return }
    trialsBegun = trials.calls
    trialsPromised = 0
    trialGeneration += 1
    since = now
  }

  /// Takes note of the end of a call.
  mutating func end(_ call: Call, _ outcome: Outcome, at now: UInt64) {
    guard call.period == period, state != .open else { return }
    let isSlow = isSlow(call, at: now)
    if outcome == .givenUp, !isSlow {
      if state == .halfOpen, call.generation == trialGeneration { trialsBegun = max(trialsBegun - 1, trials.calls) }
      return
    }
    let tally = CallTally(calls: 1, failures: outcome == .failure ? 1 : 0, slow: isSlow ? 1 : 0)
    guard state == .halfOpen else {
      window.record(tally, at: now)
      if !isForced, window.total.calls >= settings.minimumCalls, isTooMuch(window.total) { become(.open, at: now) }
      return
    }
    trials += tally
    if trials.calls >= settings.trialCalls { become(isTooMuch(trials) ? .open : .closed, at: now) }
  }

  /// Whether a call that ends now took too long.
  func isSlow(_ call: Call, at now: UInt64) -> Bool {
    settings.slowAfter.map { now > call.start && now - call.start > $0 } ?? false
  }

  /// Becomes half open where it was open for long enough.
  mutating func refresh(at now: UInt64) {
    if state == .open, !isForced, now >= since &+ settings.openFor { become(.halfOpen, at: now) }
  }

  /// Keeps it open or closed. Half open is tried at once, and goes by what it sees; so does nil: open where it was forced
  /// becomes half open, closed begins with an empty window.
  mutating func force(_ wanted: BreakerStatus.State?, at now: UInt64) {
    let wasForced = isForced
    isForced = wanted == .open || wanted == .closed
    switch wanted {
    case .open?, .closed?, .halfOpen?: if let wanted, wanted != state || !isForced { become(wanted, at: now) }
    case nil where wasForced: become(state == .open ? .halfOpen : .closed, at: now)
    case nil: break
    }
  }

  mutating func status(at now: UInt64) -> BreakerStatus {
    let tally =
      switch state {
      case .closed: window.tally(at: now)
      case .open: cause
      case .halfOpen: trials
      }
    return BreakerStatus(
      state: state, isForced: isForced, calls: tally.calls, failures: tally.failures, slow: tally.slow,
      refused: refused)
  }

  private mutating func become(_ next: BreakerStatus.State, at now: UInt64) {
    cause = state == .halfOpen ? trials : window.total
    window.clear()
    state = next
    period += 1
    since = now
    trials = CallTally()
    trialsBegun = 0
    trialsPromised = 0
    trialGeneration += 1
  }

  private func isTooMuch(_ tally: CallTally) -> Bool {
    settings.failureRate.isReached(by: tally.failures, of: tally.calls)
      || settings.slowAfter != nil && settings.slowCallRate.isReached(by: tally.slow, of: tally.calls)
  }
}
