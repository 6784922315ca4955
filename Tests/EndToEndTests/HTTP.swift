import Foundation
import FoundationNetworking
import Testing

/// Requests as a client that knows nothing of Omnibus makes them.
enum HTTP {
  /// An answer.
  struct Answer {
    var status: Int
    var type: String
    var body: Data

    /// The body's value under `name`, where it is a JSON object.
    subscript(_ name: String) -> Any? {
      (try? JSONSerialization.jsonObject(with: body) as? [String: Any])?[name]
    }
  }

  /// Gets a JSON document.
  static func get<Document: Decodable>(_ url: String, as type: Document.Type) async throws -> Document {
    let answer = try await send(URLRequest(url: try #require(URL(string: url))))
    return try JSONDecoder().decode(type, from: answer.body)
  }

  /// Posts a JSON document.
  static func post(
    _ url: String, _ document: String, type: String = "application/json", headers: [String: String] = [:]
  ) async throws -> Answer {
    var request = URLRequest(url: try #require(URL(string: url)))
    request.httpMethod = "POST"
    request.httpBody = Data(document.utf8)
    request.setValue(type, forHTTPHeaderField: "content-type")
    for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
    return try await send(request)
  }

  private static func send(_ request: URLRequest) async throws -> Answer {
    let (body, response) = try await URLSession.shared.data(for: request)
    let answer = try #require(response as? HTTPURLResponse)
    return Answer(status: answer.statusCode, type: answer.value(forHTTPHeaderField: "content-type") ?? "", body: body)
  }
}
