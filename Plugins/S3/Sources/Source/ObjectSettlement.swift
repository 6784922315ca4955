internal import Logging
internal import Omnibus

/// Does with objects what the route says once their messages have ended.
struct ObjectSettlement: Sendable {
  let bucket: S3Bucket
  let prefix: String
  let context: Context

  /// Does it, for the object as it was read: one that has taken its place meanwhile is left. An object that is gone needs
  /// nothing more.
  func settle(_ object: FoundObject, _ work: AfterWork) async throws(Failure) {
    do throws(Failure) {
      switch work {
      case .leave: break
      case .delete:
        try await checkIsSame(object)
        try await delete(object)
      case .move(let target):
        let key = moved(object.summary.key, to: target)
        try await ObjectCopy(bucket: bucket, object: object, context: context).run(to: key)
        try await checkIsSame(object)
        try await delete(object)
      case .tag(let tags):
        let key = object.summary.key
        let present = try await ObjectTags.fetch(key, version: object.version, bucket, context)
        // What has taken its place since it was read is not done.
        try await checkIsSame(object)
        try await present.merged(with: tags).put(key, version: object.version, bucket, context)
      }
    } catch {
      if error.isFailedCondition {
        context.logger.warning(
          "an object was replaced after it was read, and is left as a new one",
          metadata: ["key": "\(object.summary.key)"])
      } else if error.isMissingObject {
        context.logger.warning("an object vanished while it was worked on", metadata: ["key": "\(object.summary.key)"])
      } else {
        throw error
      }
    }
  }

  /// Fails for an object that could not be moved to where it is to go: it must not be worked on again and again.
  func check(_ object: ObjectSummary, _ works: [AfterWork]) throws(Failure) {
    for case .move(let target) in works {
      guard let problem = ObjectKey.problem(moved(object.key, to: target)) else { continue }
      throw Failure(.invalid, "the object could not have its key where it is to move: \(problem)")
    }
  }

  /// By bytes: what follows a prefix may join its last letter.
  private func moved(_ key: String, to target: String) -> String {
    target + String(decoding: key.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
  }

  /// Not every store heeds a condition on a request to delete, and where versions are kept nothing is lost by it.
  private func checkIsSame(_ object: FoundObject) async throws(Failure) {
    guard object.version == nil else { return }
    var request = S3Request("HEAD", object.summary.key)
    request.headers["if-match"] = object.summary.etag
    _ = try await bucket.send(request, context)
  }

  private func delete(_ object: FoundObject) async throws(Failure) {
    var request = S3Request("DELETE", object.summary.key)
    if !object.summary.etag.isEmpty { request.headers["if-match"] = object.summary.etag }
    _ = try await bucket.send(request, context)
  }
}
