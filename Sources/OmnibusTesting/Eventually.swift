/// Waits until `condition` holds, asking again and again: for what happens outside of the process, where no event tells.
/// Answers false when it does not hold within `limit`.
public func eventually(
  within limit: Duration = .seconds(180), _ condition: () async throws -> Bool
) async throws -> Bool {
  let deadline = ContinuousClock.now + limit
  var pause = Duration.milliseconds(1)
  while try await !condition() {
    guard ContinuousClock.now < deadline else { return false }
    try await Task.sleep(for: pause)
    pause = min(pause * 2, .milliseconds(20))
  }
  return true
}
