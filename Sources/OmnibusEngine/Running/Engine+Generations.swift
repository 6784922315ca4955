internal import Logging
internal import Omnibus
public import OmnibusStore

extension Engine {
  /// The generations that are kept, newest first, without their files: at most 20.
  public func generations() async throws -> [StoredGeneration] { try await log.all() }

  /// A generation with its files; nil where it is not kept.
  public func generation(_ number: Int) async throws -> StoredGeneration? { try await log.generation(number) }

  /// Applies the files of an earlier generation as a new one. By default that is the generation before the one whose files
  /// run now, so that a second rollback goes further back.
  ///
  /// Files that components read, such as schemas, are as they were then. The files on disk are left alone; their next change
  /// applies them. Fails with `rejected` where the generation is not kept, and with `Diagnostics` where its files cannot be
  /// applied any more.
  public func rollback(to number: Int? = nil, grace: Duration = .seconds(30)) async throws -> Applied {
    guard stopGrace == nil else { throw Failure.engineStops }
    let target = try await earlier(number)
    guard let generation = try await log.generation(target) else {
      throw Failure(.rejected, "generation \(target) is not kept")
    }
    let files = RouteFiles(of: generation, folder: files.folder)
    let applied = try await apply(files, grace: grace, reason: StoredGeneration.reason(ofRollbackTo: target))
    environment.logger.notice(
      "routes rolled back; the files were left alone, and apply again when they change",
      metadata: ["to": "\(target)", "generation": "\(applied.generation)"])
    return applied
  }

  private func earlier(_ number: Int?) async throws -> Int {
    if let number { return number }
    guard let before = try await log.earlier() else {
      throw Failure(.rejected, "there is no generation before the one whose files run")
    }
    return before
  }
}
