internal import CReactor

/// Gathers what a thread that is no reactor's hands to reactors, as one that answers many callers at once does, so that
/// each reactor is woken once and finds all of it.
public final class Handover {
  private var work: [(reactor: Reactor, work: [Reactor.Work])] = []

  private init() {}

  /// Runs `body`; the tasks that it resumes and the work that it hands over go to their reactors when it has ended.
  public static func together(_ body: () -> Void) {
    guard omnibus_handover() == nil, omnibus_reactor_current() == nil else { return body() }
    let handover = Handover()
    omnibus_set_handover(Unmanaged.passUnretained(handover).toOpaque())
    body()
    omnibus_set_handover(nil)
    for (reactor, work) in handover.work { reactor.take(work) }
  }

  /// Keeps work for a reactor where the calling thread gathers it.
  static func gather(_ work: Reactor.Work, for reactor: Reactor) -> Bool {
    guard let pointer = omnibus_handover() else { return false }
    let handover = Unmanaged<Handover>.fromOpaque(pointer).takeUnretainedValue()
    if let place = handover.work.firstIndex(where: { $0.reactor === reactor }) {
      handover.work[place].work.append(work)
    } else {
      handover.work.append((reactor, [work]))
    }
    return true
  }
}
