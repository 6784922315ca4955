internal import Omnibus

extension Headers {
  /// The headers that arguments `name=value` give, in their order.
  init(arguments: [String]) {
    self.init(
      arguments.map { argument in
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        return (String(parts[0]), parts.count == 2 ? String(parts[1]) : "")
      })
  }
}
