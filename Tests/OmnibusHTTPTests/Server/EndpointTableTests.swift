import OmnibusReactor
import Testing

@testable import OmnibusHTTP

@Suite struct EndpointTableTests {
  private func table(_ endpoints: [(String?, String)]) throws -> EndpointTable {
    EndpointTable(
      try endpoints.enumerated().map { number, endpoint in
        EndpointSlot(
          HTTPEndpoint(method: endpoint.0, path: try PathPattern(endpoint.1)) { _ in HTTPResponse(status: 200) },
          number: number)
      })
  }

  private func found(_ table: EndpointTable, _ method: String, _ path: String) -> String {
    switch table.match(method: method, path: path) {
    case .endpoint(let slot, let captures):
      "\(slot.number)" + captures.map { " \($0.name)=\($0.value)" }.joined()
    case .otherMethods(let methods): "not \(methods.joined(separator: ","))"
    case .nothing: "nothing"
    }
  }

  @Test("literal segments go before captures, and captures before a rest")
  func precedence() throws {
    let table = try table([
      ("GET", "/{rest...}"), ("GET", "/a/{id}"), ("GET", "/a/b"), ("GET", "/a/{id}/c"), ("POST", "/a/b"),
      ("GET", "/"), (nil, "/any"), ("GET", "/a/b/{tail...}"),
    ])
    #expect(found(table, "GET", "/a/b") == "2")
    #expect(found(table, "POST", "/a/b") == "4")
    #expect(found(table, "GET", "/a/x") == "1 id=x")
    #expect(found(table, "GET", "/a/b/c") == "7 tail=c")
    #expect(found(table, "GET", "/a/x/c") == "3 id=x")
    #expect(found(table, "GET", "/a/x/d") == "0 rest=a/x/d")
    #expect(found(table, "GET", "/a/") == "0 rest=a/")
    #expect(found(table, "GET", "/") == "5")
    #expect(found(table, "BREW", "/any") == "6")
    #expect(found(table, "PUT", "/a/b") == "not POST,GET,HEAD")
  }

  @Test("segments are compared and captured decoded, and an escaped slash is no slash")
  func decoding() throws {
    let table = try table([("GET", "/a b/{x}"), ("GET", "/a%20b/lit%65ral")].map { ($0.0, $0.1.replacing(" ", with: "%20")) })
    #expect(found(table, "GET", "/a%20b/1%2F2") == "0 x=1/2")
    #expect(found(table, "GET", "/%61%20b/literal") == "1")
    #expect(found(table, "GET", "/a/b") == "nothing")
    #expect(found(table, "GET", "/a%20b/") == "nothing")
  }

  @Test(
    "a pattern that means nothing is refused",
    arguments: ["", "a", "/{}", "/{a", "/a}", "/x{a}", "/{a}{b}", "/{a...}/b", "/{a}/{a}", "/{a b}", "/a b", "/a?b", "/%2"])
  func badPatterns(_ text: String) { #expect(throws: PathPattern.Problem.self) { try PathPattern(text) } }
}
