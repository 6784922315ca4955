import Omnibus
import OmnibusAdmin
import OmnibusHTTP
import OmnibusReactor
import OmnibusTesting
import Testing

struct MetricsPageTests {
  @Test func `who asks while a page is written gets the same one, and who asks afterwards another`() async throws {
    let metrics = Metrics()
    let (release, readings) = (Semaphore(), Recorder<Bool>())
    let observation = metrics.observe("test_readings", "Counts.") {
      release.wait()
      readings.append(true)
      return Double(readings.all.count)
    }
    let page = MetricsPage(metrics, version: "0.0.0", blocking: BlockingExecutor(threads: 2))
    let request = HTTPRequest(
      method: "GET", target: "/metrics", path: "/metrics", remote: try #require(SocketAddress("127.0.0.1:1")))
    // At once, so that all have asked before the page is written.
    let answers = (0..<8).map { _ in Task.immediate { await page.answer(request) } }
    release.signal()
    var texts: Set<String> = []
    for answer in answers { texts.insert(text(await answer.value)) }
    #expect(texts.count == 1)
    #expect(readings.all.count == 1)
    release.signal()
    #expect(!texts.contains(text(await page.answer(request))))
    #expect(readings.all.count == 2)
    withExtendedLifetime(observation) {}
  }

  private func text(_ response: HTTPResponse) -> String {
    guard case .bytes(let bytes) = response.body else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }
}
