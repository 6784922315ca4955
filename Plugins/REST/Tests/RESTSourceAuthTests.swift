import Omnibus
import OmnibusHTTP
import OmnibusTesting
import Testing

@testable import RESTPlugin

@Suite("rest source, authentication")
struct RESTSourceAuthTests {
  @Test("basic: the right user passes, and the route does not see the secret")
  func basic() async throws {
    let messages = Recorder<Message>()
    let route = try await ServedRoute([
      "listen": "127.0.0.1:0", "path": "/",
      "auth": [
        "basic": [
          ["user": "bus", "password": "${env:NONE:-geheim}"], ["user": "bée", "password": "${env:NONE:-a:b}"],
        ]
      ],
    ]) { message in
      messages.append(message)
      return .stop
    }
    // bus:geheim, and bée:a:b in UTF-8.
    for credentials in ["Basic YnVzOmdlaGVpbQ==", "basic  YnVzOmdlaGVpbQ==", "BASIC YsOpZTphOmI="] {
      #expect(try await route.send("POST", "/", headers: ["authorization": credentials]).status == 202)
    }
    #expect(messages.all.count == 3)
    #expect(messages.all.allSatisfy { $0.headers["authorization"] == nil })
    try await route.end()
  }

  @Test(
    "others are refused before the route runs",
    arguments: [
      nil, "", "Basic", "Basic ", "Basic YnVzOmdlaGVpbg==", "Basic YnVzOmdlaGVpbQ", "Basic YnVzOmdlaGVpbQ==x",
      "Bearer YnVzOmdlaGVpbQ==", "YnVzOmdlaGVpbQ==", "Basic YnVzOg==",
    ])
  func refused(credentials: String?) async throws {
    let route = try await ServedRoute([
      "listen": "127.0.0.1:0", "path": "/", "auth": ["basic": ["user": "bus", "password": "${env:NONE:-geheim}"]],
    ]) { _ in
      Issue.record("the route ran")
      return .stop
    }
    var headers = Headers()
    headers["authorization"] = credentials
    let response = try await route.send("POST", "/", headers: headers, body: [UInt8](repeating: 1, count: 200_000))
    #expect(response.status == 401)
    #expect(response.headers["www-authenticate"] == "Basic realm=\"omnibus\", charset=\"UTF-8\"")
    #expect(response.headers["content-type"] == "application/problem+json")
    let twice: Headers = ["authorization": "Basic YnVzOmdlaGVpbQ==", "Authorization": "Basic YnVzOmdlaGVpbQ=="]
    #expect([400, 401].contains(try await route.send("POST", "/", headers: twice).status))
    try await route.end()
  }

  @Test("bearer: any of the tokens passes")
  func bearer() async throws {
    let route = try await ServedRoute([
      "listen": "127.0.0.1:0", "path": "/",
      "auth": ["bearer": [["token": "${env:NONE:-one}"], ["token": "${env:NONE:-two}"]]],
    ]) { _ in .stop }
    for (token, status) in [("one", 202), ("two", 202), ("three", 401), ("on", 401), ("oneone", 401)] {
      #expect(try await route.send("POST", "/", headers: ["authorization": "Bearer \(token)"]).status == status)
    }
    let response = try await route.send("POST", "/")
    #expect(response.headers["www-authenticate"] == "Bearer realm=\"omnibus\"")
    try await route.end()
  }

  @Test("a key in a header or in the query passes, and the route sees neither")
  func apiKeys() async throws {
    let messages = Recorder<Message>()
    let route = try await ServedRoute([
      "listen": "127.0.0.1:0", "path": "/",
      "auth": [
        "api_key": [
          ["header": "X-Api-Key", "key": "${env:NONE:-one}"], ["header": "x-api-key", "key": "${env:NONE:-two}"],
          ["query": "key", "key": "${env:NONE:-thr=e}"],
        ]
      ],
    ]) { message in
      messages.append(message)
      return .stop
    }
    for (headers, query, status) in [
      (["x-api-key": "one"], "", 202), (["X-API-KEY": "two"], "?a=1", 202), ([:], "?a=1&key=thr%3De", 202),
      ([:], "", 401), (["x-api-key": "three"], "", 401), (["x-api-key": "on"], "", 401), ([:], "?key=one", 401),
      (["x-api-key": "one", "X-Api-Key": "one"], "", 401), ([:], "?key=thr%3De&key=thr%3De", 401),
      (["key": "thr=e"], "", 401), (["authorization": "Bearer one"], "", 401), ([:], "?KEY=thr%3De", 401),
    ] as [(Headers, String, Int)] {
      let answer = try await route.send("POST", "/\(query)", headers: headers)
      #expect(answer.status == status)
      if status == 401 { #expect(answer.headers["www-authenticate"] == "ApiKey realm=\"omnibus\"") }
    }
    #expect(messages.all.count == 3)
    #expect(messages.all.allSatisfy { $0.headers["x-api-key"] == nil })
    let request = messages.all[2].properties["request"]
    #expect(request?.member("query")?.member("key") == nil)
    #expect(request?.member("query")?.member("a")?.string == "1")
    try await route.end()
  }

  @Test(
    "auth that would let anybody in, or nobody, is refused when the route is loaded",
    arguments: [
      ["basic": ["user": "", "password": "${env:NONE:-x}"]], ["basic": ["user": "a:b", "password": "${env:NONE:-x}"]],
      ["basic": ["user": "a", "password": "${env:NONE:-}"]], ["bearer": ["token": "${env:NONE:-}"]],
      ["bearer": ["token": "${env:NONE:-a b}"]], ["api_key": ["key": "${env:NONE:-k}"]],
      ["api_key": ["header": "x", "query": "y", "key": "${env:NONE:-k}"]], ["api_key": []],
      ["api_key": ["header": "x", "key": "${env:NONE:-}"]], ["api_key": ["header": "a b", "key": "${env:NONE:-k}"]],
      ["api_key": ["header": "x", "key": "literal"]],
      ["basic": []], [:], "anything",
    ] as [Configuration])
  func badOptions(auth: Configuration) {
    #expect(throws: Diagnostics.self) {
      _ = try ComponentLoader([.rest]).make(.source, "rest", ["path": "/", "auth": auth])
    }
  }

  @Test(
    "options that cannot work are refused when the route is loaded",
    arguments: [
      ["path": "no-slash"], ["path": "/{a}/{a}"], ["path": "/", "listen": "8080"], ["path": "/", "method": "FETCH"],
      ["path": "/", "method": []], ["path": "/", "consumes": ["json"]], [:],
    ] as [Configuration])
  func badSourceOptions(options: Configuration) {
    #expect(throws: Diagnostics.self) { _ = try ComponentLoader([.rest]).make(.source, "rest", options) }
  }
}
