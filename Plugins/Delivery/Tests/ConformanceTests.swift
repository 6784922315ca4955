import DeliveryPlugin
import Omnibus
import OmnibusTesting
import Testing

@Suite("delivery, conformance")
struct ConformanceTests {
  @Test("dead_letter") func deadLetter() async {
    await Conformance.middleware("dead_letter", of: .delivery, handlesFailures: true)
  }

  @Test("dead_letter of some kinds") func deadLetterOfKinds() async {
    await Conformance.middleware("dead_letter", of: .delivery, options: ["on": ["rejected"]], handlesFailures: true)
  }

  @Test("idempotent") func idempotent() async {
    await Conformance.middleware("idempotent", of: .delivery, options: ["key": "uuid()"])
  }
}
