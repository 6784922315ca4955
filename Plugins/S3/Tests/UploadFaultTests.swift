import Omnibus
import OmnibusAWS
import OmnibusReactor
import OmnibusTesting
import Synchronization
import Testing

@testable import S3Plugin

@Suite("s3, uploads that go wrong") struct UploadFaultTests {
  let store: ObjectStore
  let steps: S3Steps
  /// Three parts.
  let large = [UInt8](repeating: 7, count: (10 << 20) + 1)
  let parts: [(String, Configuration)] = [("part_size", "5MiB")]

  init() throws {
    store = try ObjectStore()
    steps = S3Steps(store: store)
  }

  @Test(
    "what the store says is a failure of the kind that belongs to it",
    arguments: [
      (404, "NoSuchBucket", Failure.Kind.unavailable), (403, "AccessDenied", .unauthorized), (403, "", .unauthorized),
      (400, "ExpiredToken", .unauthorized), (403, "SignatureDoesNotMatch", .unauthorized),
      (503, "SlowDown", .overloaded),
      (503, "ServiceUnavailable", .unavailable), (500, "InternalError", .unavailable),
      (400, "EntityTooLarge", .rejected),
      (412, "PreconditionFailed", .rejected), (301, "PermanentRedirect", .rejected),
    ])
  func answers(status: Int, code: String, kind: Failure.Kind) async throws {
    for body in [[1], large] {
      store.fail { request in request.action == "abort" ? nil : .error(status, code) }
      let failure = try #require(await steps.failure(.bytes(body), parts))
      #expect(failure.kind == kind, "\(failure)")
      #expect(!failure.description.contains("what was sent"))
    }
    #expect(store.keys.isEmpty && store.uploads == 0)
  }

  @Test(
    "a part that the store did not take for now is sent again",
    arguments: [
      ObjectStore.Fault.error(503, "SlowDown"), .error(500, "InternalError"), .error(400, "RequestTimeout"),
      .cut(after: 1 << 20),
      .doneAndCut,
    ])
  func partAgain(fault: ObjectStore.Fault) async throws {
    store.fail("part", first: 2, fault)
    #expect(try await steps.failure(.stream(S3Steps.stream(large.count)), parts) == nil)
    #expect(store["a.bin"]?.size == large.count && store.uploads == 0)
  }

  @Test(
    "credentials that end in mid-upload are got anew, and it goes on; where there are no others it is given up",
    arguments: [true, false])
  func expired(hasOthers: Bool) async throws {
    let flag = Flag()
    var services = Services()
    services[AWSEnvironment.self] = AWSEnvironment { name in
      let key = flag.isSet && hasOthers ? "AKIDNEW" : "AKIDOLD"
      return ["AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "eu-central-1"][name]
    }
    store.fail { request in
      guard request.action == "part", request.query["partNumber"] != "1",
        request.headers["authorization"]?.contains("Credential=AKIDOLD/") == true
      else { return nil }
      flag.set()
      return .error(400, "ExpiredToken")
    }
    let own = S3Steps(store: store, services: services)
    let failure = try await own.failure(.stream(S3Steps.stream(large.count)), parts)
    #expect(failure?.kind == (hasOthers ? nil : .unauthorized))
    #expect(store.keys == (hasOthers ? ["a.bin"] : []) && store.uploads == 0)
  }

  @Test(
    "a part that is not taken at all gives the upload up: nothing is seen, and nothing stays",
    arguments: [
      (ObjectStore.Fault.error(503, "SlowDown"), Failure.Kind.overloaded), (.error(403, "AccessDenied"), .unauthorized),
      (.cut(after: 1 << 20), .unavailable), (.error(404, "NoSuchUpload"), .rejected),
    ])
  func partNever(fault: ObjectStore.Fault, kind: Failure.Kind) async throws {
    store.fail { $0.action == "part" && $0.query["partNumber"] == "2" ? fault : nil }
    let failure = try #require(await steps.failure(.stream(S3Steps.stream(large.count)), parts))
    #expect(failure.kind == kind, "\(failure)")
    #expect(store.keys.isEmpty && store.uploads == 0)
    // A part that was cut off may be seen behind it.
    #expect(store.actions.contains("abort a.bin"))
  }

  @Test("a part that is not taken ends those that are under way, and then the upload is given up")
  func othersUnderWay() async throws {
    let gate = Semaphore()
    store.fail { request in
      guard request.action == "part" else { return nil }
      guard request.query["partNumber"] == "3" else { return .hang }
      gate.wait()
      return .error(403, "AccessDenied")
    }
    let (steps, parts, count) = (steps, parts, large.count)
    let task = Task { try await steps.failure(.stream(S3Steps.stream(count)), parts) }
    #expect(try await eventually { store.actions.count == 3 })
    gate.signal()
    let failure = try #require(try await task.value)
    #expect(failure.kind == .unauthorized, "\(failure)")
    #expect(store.keys.isEmpty && store.uploads == 0)
    #expect(store.actions.last == "abort a.bin")
  }

  @Test("a store that is gone in mid-upload is a failure, and what cannot be given up is logged")
  func gone() async throws {
    store.fail { [store] request in
      if request.action == "part" { store.stop() }
      return request.action == "begin" ? nil : .cut(after: 0)
    }
    let failure = try #require(await steps.failure(.stream(S3Steps.stream(large.count)), parts))
    #expect(failure.kind == .unavailable, "\(failure)")
    #expect(steps.log.lines.all.map(\.message) == ["an upload could not be given up, its parts stay in the bucket"])
  }

  @Test("a stream that breaks gives the upload up, and so does one that is not as long as it said")
  func brokenStream() async throws {
    let broken = try await steps.failure(.stream(S3Steps.stream(large.count, breaks: true)), parts)
    #expect(broken?.reason == "the stream broke")
    let short = try await steps.failure(.stream(S3Steps.stream(large.count, length: large.count + 1)), parts)
    #expect(short?.description == "invalid: the body ended after \(large.count) of \(large.count + 1) bytes")
    #expect(store.keys.isEmpty && store.uploads == 0)
    let small = try await steps.failure(.stream(S3Steps.stream(1000, breaks: true)))
    #expect(small?.reason == "the stream broke")
    #expect(store.keys.isEmpty)
  }

  @Test("an upload that is cancelled is given up")
  func cancelled() async throws {
    let begun = Recorder<Int>()
    store.fail { request in
      guard request.action == "part" else { return nil }
      begun.append(1)
      return .hang
    }
    let task = Task { try await steps.send(.bytes(large), parts) }
    await begun.wait(for: 1)
    task.cancel()
    await #expect(throws: (any Error).self) { try await task.value }
    #expect(try await eventually { store.uploads == 0 })
    #expect(store.keys.isEmpty)
  }

  @Test(
    "completing that is answered with 200 and an error fails as the error does",
    arguments: [
      ("InternalError", Failure.Kind.unavailable), ("SlowDown", .overloaded), ("AccessDenied", .unauthorized),
      ("InvalidPart", .rejected),
    ])
  func errorIn200(code: String, kind: Failure.Kind) async throws {
    store.fail {
      $0.action == "complete"
        ? .answer("  \n<?xml version=\"1.0\"?>\n<Error><Code>\(code)</Code><Message>what was sent</Message></Error>")
        : nil
    }
    let failure = try #require(await steps.failure(.bytes(large), parts))
    #expect(failure.kind == kind && failure.reason == "s3 answered 200 \(code)", "\(failure)")
    #expect(store.keys.isEmpty && store.uploads == 0)
  }

  @Test("completing that goes wrong for a moment is asked for again")
  func completeAgain() async throws {
    store.fail("complete", .answer("<Error><Code>InternalError</Code></Error>"))
    #expect(try await steps.failure(.bytes(large), parts) == nil)
    #expect(store["a.bin"]?.size == large.count)
  }

  @Test("whether an object is there is not known when completing was done and not answered")
  func outcomeUnknown() async throws {
    store.fail("complete", .doneAndCut)
    let failure = try #require(await steps.failure(.bytes(large), parts))
    #expect(failure.kind == .outcomeUnknown, "\(failure)")
    #expect(store["a.bin"]?.size == large.count)
  }

  @Test(
    "answers that cannot be read are failures, and none of them costs much",
    arguments: [
      "", "nonsense", "<a/>", "<InitiateMultipartUploadResult/>",
      "<InitiateMultipartUploadResult><UploadId></UploadId>",
      #"<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><InitiateMultipartUploadResult><UploadId>&x;</UploadId></InitiateMultipartUploadResult>"#,
      String(repeating: "<a>", count: 100_000),
    ])
  func hostile(answer: String) async throws {
    store.fail { $0.action == "begin" ? .answer(answer) : nil }
    let failure = try #require(await steps.failure(.bytes(large), parts))
    #expect(failure.kind == .unavailable, "\(failure)")
    store.fail { $0.action == "complete" ? .answer(answer) : nil }
    let unknown = try #require(await steps.failure(.bytes(large), parts))
    #expect(unknown.kind == .outcomeUnknown, "\(unknown)")
  }

  @Test("bytes that change on their way are not taken by the store")
  func changedOnTheWay() async throws {
    store.fail { $0.action == "put" ? .error(400, "BadDigest") : nil }
    #expect(try await steps.failure(.bytes([1]))?.kind == .unavailable)
  }
}

/// Something that has happened, or not.
private final class Flag: Sendable {
  private let value = Atomic<Bool>(false)
  var isSet: Bool { value.load(ordering: .relaxed) }
  func set() { value.store(true, ordering: .relaxed) }
}
