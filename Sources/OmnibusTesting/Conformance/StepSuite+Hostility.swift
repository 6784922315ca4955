internal import Omnibus

extension StepSuite {
  /// Whether the component never waits.
  private var isTransformer: Bool { role == "transformer" }

  /// Bodies that nobody sends who means well, by the content type of the samples, by another and by none.
  func hostileBodies(_ examination: Examination) async throws {
    let subject = try subject(examination)
    let types = Set([samples.first?.contentType, "application/json", nil])
    for (name, body) in HostileBodies.all {
      for type in types { await expectDocumented(Secret.message(body, contentType: type), name, subject) }
    }
  }

  private func expectDocumented(_ message: Message, _ name: String, _ subject: Subject) async {
    let examination = subject.examination
    let (after, _, error) = await subject.result(of: message)
    guard let error else { return }
    let kind = (error as? Failure)?.kind ?? .internal
    examination.expect(
      kinds.contains(kind), .neverInternal,
      "a body that is \(name) fails as \(kind.rawValue), expected \(kinds.map(\.rawValue).sorted())")
    examination.expectNoPayload(error, "a body that is \(name)")
    guard isTransformer else { return }
    let (now, then) = (MessageImage(after), MessageImage(message))
    examination.expect(now == then, .unchangedByFailedStep, "a body that is \(name): \(now.differences(from: then))")
  }

  /// A body that is a stream.
  func streams(_ examination: Examination) async throws {
    let subject = try subject(examination)
    let stream = PieceSource([Secret.body(1)]).stream()
    let message = Secret.message(.stream(stream), contentType: samples.first?.contentType)
    let (_, _, error) = await subject.result(of: message)
    guard let error, isTransformer else { return }
    examination.expect(kinds.contains(Failure(error).kind), .neverInternal, "a stream: \(FailureText.of(error))")
    examination.expect((try? stream.claim()) != nil, .streamLeft, "the stream was claimed")
  }

  /// Time by the size of the input.
  func time(_ examination: Examination) async throws {
    guard isTransformer else { return }
    let subject = try subject(examination)
    let type = samples.first?.contentType
    let shapes = HostileBodies.shapes.map { shape in
      (shape.name, { @Sendable size in Secret.message(.bytes(shape.make(size)), contentType: type) })
    }
    for (name, make) in shapes + (growing.map { [("as samples are", $0)] } ?? []) {
      let (small, large) = (make(8 << 10), make(128 << 10))
      await Task.yield()
      let (isLinear, times) = CPUTime.growsLinearly({ duration(small, subject) }, { duration(large, subject) })
      examination.expect(isLinear, .linear, "\(name): \(times)")
    }
  }

  private func duration(_ message: Message, _ subject: Subject) -> Duration {
    CPUTime.of {
      var message = message
      _ = try? subject.block.runNow(&message)
    }
  }
}
