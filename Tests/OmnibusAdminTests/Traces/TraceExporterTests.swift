import Foundation
import Logging
import Omnibus
import OmnibusAdmin
import OmnibusEngine
import OmnibusHTTP
import OmnibusReactor
import OmnibusTesting
import Synchronization
import Testing

@Suite("traces on their way to a collector")
struct TraceExporterTests {
  /// What a collector answers, in turn, and what it was sent.
  private final class Collector: Sendable {
    let requests = Recorder<HTTPClientRequest>()
    private let answers: Mutex<[Result<Int, Failure>]>

    init(_ answers: [Result<Int, Failure>]) { self.answers = Mutex(answers) }

    func answer(_ request: HTTPClientRequest) throws -> HTTPClientResponse {
      requests.append(request)
      let status = try answers.withLock { $0.isEmpty ? .success(200) : $0.removeFirst() }.get()
      return HTTPClientResponse(status: status, headers: Headers(), body: .empty)
    }
  }

  private let clock = ManualClock()
  private let metrics = Metrics()
  private var environment: EngineEnvironment {
    EngineEnvironment(
      reactors: Context.testing().reactors, clock: clock,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, metrics: metrics)
  }

  private func options(_ endpoint: String = "http://127.0.0.1:4318/v1/traces") -> TraceOptions {
    let options = TraceOptions()
    options.endpoint = endpoint
    options.headers = OptionMap([("authorization", Secret("Bearer 1"))])
    return options
  }

  /// A tracer that has the spans of one message of a route with a step, which failed.
  private func traced(messages: Int = 1) async throws -> Tracer {
    let tracer = Tracer(sample: 1)
    var services = Services()
    services[Tracer.self] = tracer
    let context = Context.testing(route: "orders", step: "deliver", services: services)
    let block = Block([.init(.transformer(Refusing()), component: "refusing", context: context)])
    let handler = RouteMeters(context, of: Idle()).measuring(
      Handler { message, _ in try await block.run(&message) })
    for _ in 0..<messages {
      var message = Message(headers: [
        "tracestate": "a=1", "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      ])
      _ = try? await handler(&message, context)
    }
    return tracer
  }

  private func count(_ name: String) -> Int? {
    guard case .integer(let count)? = metrics.read().first(where: { $0.name == name })?.series.first?.reading else {
      return nil
    }
    return count
  }

  @Test("a request has the shape of the published example, and the types of each of its values")
  func shape() async throws {
    let tracer = try await traced()
    let request = OTLPTraces.request(tracer.take(), resource: [("service.name", "omnibus")], version: "1.0")
    let document = try JSONSerialization.jsonObject(with: Data(request))
    let paths = Self.paths(document)
    let span = "resourceSpans[].scopeSpans[].spans[]"
    #expect(paths["\(span).traceId"] == "string" && paths["\(span).endTimeUnixNano"] == "string")
    #expect(paths["\(span).kind"] == "number" && paths["\(span).status.code"] == "number")
    let text = String(decoding: request, as: UTF8.self)
    #expect(text.contains("\"traceId\":\"0af7651916cd43dd8448eb211c80319c\""))
    #expect(text.contains("\"parentSpanId\":\"b7ad6b7169203331\""))
    #expect(text.contains("\"traceState\":\"a=1\""))
    #expect(text.contains("{\"key\":\"error.type\",\"value\":{\"stringValue\":\"rejected\"}}"))
    #expect(!text.contains("secret of a patient"))
    let material = PublishedMaterial("otlp-examples")
    guard material.isPresent else { return }
    let example = Self.paths(
      try JSONSerialization.jsonObject(with: Data(material.bytes(of: "examples/trace.json"))))
    // What the example leaves out, as opentelemetry-proto has it.
    let further = [
      "\(span).traceState": "string", "\(span).status.code": "number", "\(span).status.message": "string",
    ]
    for (path, type) in paths { #expect(example[path] ?? further[path] == type, "\(path)") }
    let isScopeAttribute = { (path: String) in path.contains(".scope.attributes") }
    for path in example.keys where !isScopeAttribute(path) { #expect(paths[path] != nil, "\(path)") }
  }

  @Test("spans go over HTTP to a collector, compressed, with the headers that are configured")
  func overHTTP() async throws {
    let seen = Recorder<(headers: Headers, body: [UInt8])>()
    let reactors = Context.testing().reactors
    let listener = try HTTPListener.open(try #require(SocketAddress("127.0.0.1:0")), reactors: reactors)
    _ = listener.add(
      HTTPEndpoint(method: "POST", path: try PathPattern("/v1/traces")) { request in
        if case .bytes(let bytes) = request.body { seen.append((request.headers, bytes)) }
        return HTTPResponse(status: 200, headers: ["content-type": "application/json"], body: .bytes(Array("{}".utf8)))
      })
    let exporter = TraceExporter(
      try await traced(), options("http://127.0.0.1:\(listener.port)/v1/traces"), version: "1", environment: environment
    )
    exporter.start(on: reactors)
    await exporter.stop()
    let request = try #require(seen.all.first)
    #expect(request.headers["content-type"] == "application/json")
    #expect(request.headers["authorization"] == "Bearer 1")
    let body = try Gzip.decode(request.body, limit: 1 << 20)
    #expect(String(decoding: body, as: UTF8.self).contains("\"service.instance.id\""))
    #expect(count("omnibus_spans_exported_total") == 2)
    await listener.close()
  }

  @Test("a collector that cannot take them is asked again, later and later, and nothing is lost")
  func retry() async throws {
    let collector = Collector([.failure(Failure(.unavailable, "no connection")), .success(503), .success(429)])
    let exporter = exporter(collector, try await traced())
    exporter.start(on: environment.reactors)
    for _ in 1...4 { await clock.advanceToNext() }
    #expect(try await eventually { count("omnibus_spans_exported_total") == 2 })
    #expect(count("omnibus_span_export_failures_total") == 3)
    #expect(count("omnibus_spans_lost_total") == 0)
    await exporter.stop()
  }

  @Test("what a collector refuses is lost, and counted")
  func refused() async throws {
    let collector = Collector([.success(400)])
    let exporter = exporter(collector, try await traced())
    exporter.start(on: environment.reactors)
    await exporter.stop()
    #expect(collector.requests.all.count == 1)
    #expect(count("omnibus_spans_lost_total") == 2)
  }

  @Test("batches are bounded, and the end does not wait for a collector that is gone")
  func batches() async throws {
    let collector = Collector([.success(200), .failure(Failure(.unavailable, "no connection"))])
    let exporter = exporter(collector, try await traced(messages: 300))
    exporter.start(on: environment.reactors)
    await exporter.stop()
    #expect(collector.requests.all.count == 2)
    #expect(count("omnibus_spans_exported_total") == 512)
    #expect(count("omnibus_spans_lost_total") == 88)
  }

  @Test("all that is sent at the end has five seconds together")
  func deadline() async throws {
    let begun = Recorder<Int>()
    let exporter = TraceExporter(try await traced(messages: 300), options(), version: "1", environment: environment) {
      _ in
      begun.append(1)
      try await Task.sleep(for: .seconds(3600))
      return HTTPClientResponse(status: 200, headers: Headers(), body: .empty)
    }
    exporter.start(on: environment.reactors)
    let ending = Task { await exporter.stop() }
    await begun.wait(for: 1)
    await clock.waitForTimers()
    clock.advance(by: .seconds(5))
    await ending.value
    #expect(begun.all.count == 1)
    #expect(count("omnibus_spans_lost_total") == 600)
  }

  private func exporter(_ collector: Collector, _ tracer: Tracer) -> TraceExporter {
    TraceExporter(tracer, options(), version: "1", environment: environment) { request in try collector.answer(request)
    }
  }

  /// The path of each value that is no list and no map, with its type.
  private static func paths(_ value: Any, _ path: String = "") -> [String: String] {
    switch value {
    case let map as [String: Any]:
      return map.reduce(into: [:]) { paths, entry in
        let (name, inner) = entry
        paths.merge(Self.paths(inner, path.isEmpty ? name : "\(path).\(name)")) { first, _ in first }
      }
    case let list as [Any]:
      return list.reduce(into: [:]) { $0.merge(Self.paths($1, "\(path)[]")) { first, _ in first } }
    case is String: return [path: "string"]
    default: return [path: "number"]
    }
  }
}

private struct Refusing: Transformer {
  func transform(_ message: inout Message, _ context: Context) throws {
    throw Failure(.rejected, "secret of a patient")
  }
}

private struct Idle: Source {
  var summary: String { "nothing" }
  func run(_ deliver: Deliver) async throws {}
}
