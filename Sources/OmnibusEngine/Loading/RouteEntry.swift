internal import Omnibus

/// Where in a route a dead letter goes on: at the step that it was kept at, with all that comes behind that.
struct RouteEntry {
  /// The step.
  let step: String
  /// Whether nothing comes behind the steps that `handler` runs: they work on a part of a message.
  private var isWhole = false
  private var handler: Handler?

  /// An entry at a step of the block that is being built.
  init(at step: String) { self.step = step }

  /// What runs a message from the entry on.
  var run: Handler { handler ?? Handler { _, _ in .next } }

  /// The same where the steps so far are those that a part of a message goes through.
  var ofPart: RouteEntry {
    var entry = self
    entry.isWhole = true
    return entry
  }

  /// The same with the rest of a block, `stages` from the one on that is or holds the entry.
  func followed(by stages: ArraySlice<Block.Stage>) -> RouteEntry {
    guard !isWhole else { return self }
    var entry = self
    guard let inner = handler else {
      let block = Block(Array(stages))
      entry.handler = Handler { message, _ in try await block.run(&message) }
      return entry
    }
    let rest = Block(Array(stages.dropFirst()))
    entry.handler = Handler { message, context in
      guard try await inner(&message, context) != .stop else { return .stop }
      return try await rest.run(&message)
    }
    return entry
  }
}
