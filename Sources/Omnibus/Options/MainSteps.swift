/// The steps of a component that every message passes which comes to it, as those of `do` and `split`; a `Block` among
/// options is a branch, which only some take. While the peer of one of these steps takes no messages, sources that can wait
/// take none (`ConnectedStep`).
public struct MainSteps: OptionValue {
  /// The steps.
  public let block: Block

  /// A list of steps.
  public static var shape: OptionShape { .steps }

  /// Builds the steps.
  public static func decode(_ node: Node, in scope: LoadScope) -> MainSteps? {
    scope.block(node, isBranch: false).map(MainSteps.init)
  }
}
