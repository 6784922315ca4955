public import Omnibus
public import Testing

extension Conformance {
  /// Puts the transformer `name` of `plugin` through its suite. `samples` are messages that it succeeds on; `produces` is
  /// the content type that it gives them, nil where it leaves that; `kinds` are those of its failures. `plugins` are
  /// others that it needs, such as a format's. `growing` makes a message of about so many bytes that it succeeds on.
  public static func transformer(
    _ name: String, of plugin: Plugin, beside plugins: [Plugin] = [], options: Configuration = [:],
    samples: [Message], produces: String? = nil, failing kinds: Set<Failure.Kind> = [.invalid],
    growing: (@Sendable (Int) -> Message)? = nil, at place: SourceLocation = #_sourceLocation
  ) async {
    var suite = StepSuite("transformer", name, [plugin] + plugins, options, samples, kinds)
    suite.produces = produces
    suite.growing = growing
    report(await Turns.take { await suite.run() }, at: place)
  }

  /// Puts the step `name` of `plugin` through its suite. Where steps stand within it, put `probe: {}` there: a step of the
  /// suite, by which it sees that failures, cancelling and answers pass. `handlesFailures` is whether the options handle
  /// those; `isRun` is whether an inner `stop` ends only what is within. Where results differ because chance is in them, as
  /// in what is encrypted, they are compared as `undoing` leaves them: steps that take the chance out again.
  public static func step(
    _ name: String, of plugin: Plugin, beside plugins: [Plugin] = [], options: Configuration = [:],
    samples: [Message], failing kinds: Set<Failure.Kind> = [.invalid], handlesFailures: Bool = false,
    isRun: Bool = false, undoing: Configuration = [], at place: SourceLocation = #_sourceLocation
  ) async {
    var suite = StepSuite("step", name, [plugin] + plugins, options, samples, kinds)
    suite.undoing = undoing
    suite.handlesFailures = handlesFailures
    suite.isRun = isRun
    report(await Turns.take { await suite.run() }, at: place)
  }
}

/// What every step and every transformer is put through.
struct StepSuite {
  let role: String
  let name: String
  let plugins: [Plugin]
  let options: Configuration
  let samples: [Message]
  let kinds: Set<Failure.Kind>
  var produces: String?
  var growing: (@Sendable (Int) -> Message)?
  var handlesFailures = false
  var isRun = false
  var undoing: Configuration = []
  let findings = Recorder<Finding>()

  init(
    _ role: String, _ name: String, _ plugins: [Plugin], _ options: Configuration, _ samples: [Message],
    _ kinds: Set<Failure.Kind>
  ) {
    (self.role, self.name, self.plugins, self.options) = (role, name, plugins, options)
    (self.samples, self.kinds) = (samples, kinds)
  }

  /// Runs all checks, and gives what they found.
  func run() async -> [Finding] {
    await check("samples", results)
    guard findings.all.isEmpty else { return findings.all }
    await check("many at once", manyAtOnce)
    await check("hostile bodies", hostileBodies)
    await check("streams", streams)
    await check("time", time)
    await check("inner failures", innerFailures)
    await check("inner answers", innerAnswers)
    await check("cancel", cancel)
    return findings.all
  }

  private func check(_ name: String, _ body: (Examination) async throws -> Void) async {
    let examination = Examination(role, self.name, plugins, findings)
    await examination.check(name) { try await body(examination) }
  }

  /// Something to run messages through: the component, and the step within it.
  struct Subject: Sendable {
    let block: Block
    /// What makes results comparable.
    let undoing: Block
    let probe: FlakyDestination
    let examination: Examination

    /// What of a result is compared with another.
    func image(of result: Message) async -> MessageImage {
      var result = result
      do { _ = try await undoing.run(&result) } catch {
        examination.expect(false, .works, "what undoes it fails: \(FailureText.of(error))")
      }
      return MessageImage(result)
    }

    /// The result of a message; time goes on as long as it has none.
    func result(of message: Message) async -> (message: Message, next: Next?, error: (any Error)?) {
      let work = Work { [block] in
        var message = message
        var next: Next?
        do { next = try await block.run(&message) } catch {
          return (message: message, next: next, error: error as (any Error)?)
        }
        return (message: message, next: next, error: nil)
      }
      let ended = await examination.settles(step: .seconds(60)) { work.hasEnded }
      guard ended, case .success(let result)? = work.result else {
        work.cancel()
        return (message, nil, Failure(.timeout, "the step has not returned within \(Examination.patience)"))
      }
      return result
    }
  }

  func subject(_ examination: Examination) throws -> Subject {
    let probe = FlakyDestination()
    let context = examination.context
    let loader = examination.loader(steps: ["probe": { try await probe.process(&$0, context) }])
    return Subject(
      block: try loader.steps([Configuration(entries: [(name, options)])]), undoing: try loader.steps(undoing),
      probe: probe, examination: examination)
  }

  /// The samples, twice each.
  private func results(_ examination: Examination) async throws {
    let subject = try subject(examination)
    for (number, sample) in samples.enumerated() {
      let (first, next, error) = await subject.result(of: sample)
      guard examination.expect(error == nil, .works, "sample \(number + 1): \(error.map(FailureText.of) ?? "")") else {
        continue
      }
      let again = await subject.result(of: sample)
      let (image, other) = (await subject.image(of: first), await subject.image(of: again.message))
      examination.expect(
        image == other && next == again.next, .deterministic, "sample \(number + 1): \(image.differences(from: other))")
      if let produces {
        let type = first.contentType ?? "none"
        examination.expect(type == produces, .declaredType, "sample \(number + 1) has \(type), expected \(produces)")
      }
    }
  }

  /// Every sample many times at once.
  private func manyAtOnce(_ examination: Examination) async throws {
    let subject = try subject(examination)
    let differing = Recorder<String>()
    for (number, sample) in samples.enumerated() {
      let alone = await subject.image(of: await subject.result(of: sample).message)
      await withDiscardingTaskGroup { group in
        for _ in 0..<16 {
          group.addTask {
            let image = await subject.image(of: await subject.result(of: sample).message)
            if image != alone { differing.append("sample \(number + 1): \(image.differences(from: alone))") }
          }
        }
      }
    }
    examination.expect(differing.all.isEmpty, .concurrent, differing.all.first ?? "")
  }
}
