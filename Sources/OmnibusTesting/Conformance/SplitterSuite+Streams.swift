internal import Omnibus

extension SplitterSuite {
  /// A stream that breaks behind the second of three pieces.
  func brokenStream(_ examination: Examination) async throws {
    let splitter = try splitter(examination)
    let source = PieceSource([header + repeated, repeated], breaks: true)
    let cut = await cut(splitter, .stream(source.stream()), examination)
    examination.expect(
      cut.failure == .unavailable, .brokenStreamThrows, "reading ended with \(cut.failure?.rawValue ?? "no failure")")
    let after = PieceSource([header + repeated, repeated + footer])
    let whole = await self.cut(splitter, .stream(after.stream()), examination)
    examination.expect(whole.failure == nil, .works, "the next body fails as \(whole.failure?.rawValue ?? "")")
  }

  /// A stream that goes on and on, of which a part is read.
  func endless(_ examination: Examination) async throws {
    let splitter = try splitter(examination)
    let source = PieceSource([header + repeated], then: repeated, count: .max)
    let work = Work { [self] in
      var reader = try reader(splitter, .stream(source.stream()), examination)
      return try await reader.next() != nil
    }
    let ended = await examination.settles { work.hasEnded }
    guard examination.expect(ended, .readsAsItGoes, "there is no first part before the end of the stream") else {
      return work.cancel()
    }
    examination.expect(
      source.pulled <= 64, .readsAsItGoes, "for the first part \(source.pulled) pieces were read, each with parts in it"
    )
  }

  /// A body that is larger than what may be held, measured up to six times: what others of the process take at the same
  /// time is no growth of this splitter, and does not come six times.
  func large(_ examination: Examination) async throws {
    let splitter = try splitter(examination)
    let (size, bound) = (8 << 20, 4 << 20)
    let piece = Array(repeatElement(repeated, count: max((64 << 10) / repeated.count, 1)).joined())
    var growth = Int.max
    for _ in 1...6 where growth > bound {
      let gauge = MemoryGauge()
      let source = PieceSource([header + piece], then: piece, count: size / piece.count, last: footer, gauge: gauge)
      var reader = try reader(splitter, .stream(source.stream()), examination)
      repeat { while try reader.nextReady() != nil {} } while try await reader.refill()
      growth = gauge.growth
    }
    examination.expect(
      growth <= bound, .partsBounded, "\(growth) bytes more of memory for \(size) bytes, expected at most \(bound)")
  }

  /// Time by the size of the body: the time that the parts of a body in memory take.
  func time(_ examination: Examination) async throws {
    let splitter = try splitter(examination)
    for (name, make) in HostileBodies.shapes {
      var (small, large) = ([Duration](), [Duration]())
      for _ in 1...3 {
        small.append(await duration(make(8 << 10), splitter, examination))
        large.append(await duration(make(128 << 10), splitter, examination))
      }
      let (short, long) = (small.min() ?? .zero, large.min() ?? .zero)
      examination.expect(
        long < short * 80 + .milliseconds(5), .linearParts, "\(name): 8 KiB take \(short), 128 KiB take \(long)")
    }
  }

  /// The time that it takes to find the parts in what was read.
  private func duration(_ bytes: [UInt8], _ splitter: any Splitter, _ examination: Examination) async -> Duration {
    guard var reader = try? reader(splitter, .bytes(bytes), examination) else { return .zero }
    var sum = Duration.zero
    repeat {
      sum += CPUTime.of { while let part = try? reader.nextReady() { _ = part } }
    } while (try? await reader.refill()) == true
    return sum
  }
}
