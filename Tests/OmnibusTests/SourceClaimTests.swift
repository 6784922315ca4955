import Omnibus
import Testing

@Suite struct SourceClaimTests {
  @Test(
    "claims on one place conflict unless their patterns begin or end differently",
    arguments: [
      ("*.csv", "*.visits", false), ("*.csv", "*.csv", true), ("*", "*.csv", true), ("*.csv", "a*", true),
      ("a*", "b*", false), ("a*", "ab*", true), ("*.gz", "*.csv.gz", true), ("a.csv", "*.csv", true),
      ("a.csv", "*.txt", false), ("a.csv", "a.csv", true), ("a", "ab", false), ("a", "a*a", false),
      ("[ab]*", "c*", true), ("*.[ct]sv", "*.csv", true), ("a\\*b", "a*b", true), ("?.csv", "??.csv", true),
    ])
  func patterns(one: String, two: String, conflict: Bool) {
    let (one, two) = (SourceClaim("/in", pattern: one), SourceClaim("/in", pattern: two))
    #expect(one.conflicts(with: two) == conflict)
    #expect(two.conflicts(with: one) == conflict)
  }

  @Test("a place as a whole conflicts with each of its names, and with nothing elsewhere")
  func places() {
    let claim: SourceClaim = "/in"
    #expect(claim.conflicts(with: "/in") && claim.conflicts(with: SourceClaim("/in", pattern: "*.csv")))
    #expect(!claim.conflicts(with: "/other"))
    #expect("\(claim)" == "/in" && "\(SourceClaim("/in", pattern: "*.csv"))" == "/in/*.csv")
  }
}
