internal import Logging
internal import Omnibus
internal import OmnibusEngine
internal import OmnibusHTTP
internal import OmnibusReactor
internal import Synchronization

/// Lets requests in, hands them to their endpoints, and logs what changes something.
final class AdminRouter: Sendable {
  private let endpoints: [AdminEndpoint]
  private let pages: [AdminPage]
  private let version: String
  private let access: Mutex<AdminAccess>
  private let logins: LoginLog
  private let environment: EngineEnvironment

  init(
    _ endpoints: [AdminEndpoint], _ pages: [AdminPage], version: String, access: AdminAccess,
    _ environment: EngineEnvironment
  ) {
    self.endpoints = endpoints
    self.pages = pages
    self.version = version
    self.access = Mutex(access)
    self.environment = environment
    logins = LoginLog(logger: environment.logger, clock: environment.clock, metrics: environment.metrics)
  }

  func use(_ access: AdminAccess) { self.access.withLock { $0 = access } }

  /// All that is served, with its document, and the refusal of all else.
  var served: [HTTPEndpoint] {
    let described = (endpoints + [document]).compactMap(served) + pages.compactMap(served)
    return described + otherMethods(described) + [everythingElse].compactMap { $0 }
  }

  /// Who sends a request, where they may do what takes `right`.
  private func caller(
    _ headers: Headers, _ remote: SocketAddress, _ right: AdminRight, _ action: String
  ) throws(AdminProblem) -> AdminCaller {
    let caller: AdminCaller
    do throws(LoginRefusal) {
      caller = try access.withLock { access throws(LoginRefusal) in try access.caller(headers, remote) }
    } catch {
      logins.note(error, remote: remote)
      throw error.problem
    }
    guard caller.rights.contains(right) else {
      logins.note(caller, lacksRightTo: action, remote: remote)
      throw .lacking(right)
    }
    return caller
  }

  // MARK: endpoints

  private func served(_ endpoint: AdminEndpoint) -> HTTPEndpoint? {
    guard let path = try? PathPattern(AdminEndpoint.prefix + endpoint.path) else { return nil }
    return HTTPEndpoint(
      method: endpoint.method, path: path, maxBody: endpoint.maxBody,
      admit: { [self] headers, _, hasBody, remote in refusal(of: headers, hasBody, remote, endpoint) },
      operation: endpoint.description(isLoginOptional: access.withLock { $0.letsInAnybody })
    ) { [self] request in await answer(request, endpoint) }
  }

  /// Checks, before the body is read, who sends it and whether they may.
  private func refusal(
    of headers: Headers, _ hasBody: Bool, _ remote: SocketAddress, _ endpoint: AdminEndpoint
  ) -> HTTPResponse? {
    do throws(AdminProblem) {
      _ = try caller(headers, remote, endpoint.right, endpoint.id)
      return endpoint.refusal(headers, hasBody: hasBody)?.response.guarded
    } catch {
      return error.response.guarded
    }
  }

  private func answer(_ request: HTTPRequest, _ endpoint: AdminEndpoint) async -> HTTPResponse {
    // Asked again: while the body came, the token may have been taken back.
    let caller: AdminCaller
    do throws(AdminProblem) {
      caller = try self.caller(request.headers, request.remote, endpoint.right, endpoint.id)
    } catch {
      return error.response.guarded
    }
    var response: HTTPResponse
    var outcome: String?
    do {
      let answer = try await endpoint.handle(try await read(request, endpoint, by: caller))
      response = answer.response
      outcome = answer.outcome
    } catch {
      let problem = AdminProblem(error)
      response = problem.response
      outcome = problem.name
    }
    if endpoint.isAudited { log(request, endpoint, caller, response.status, outcome) }
    return response.guarded
  }

  /// What is large is not read on a reactor, which has messages to work on.
  private func read(
    _ request: HTTPRequest, _ endpoint: AdminEndpoint, by caller: AdminCaller
  ) async throws -> AdminRequest {
    guard case .bytes(let bytes) = request.body, bytes.count > 1 << 20 else {
      return try AdminRequest(request, endpoint, by: caller)
    }
    return try await environment.blocking.run { try AdminRequest(request, endpoint, by: caller) }
  }

  /// Says who did what, to what, and what came of it; nothing of bodies.
  private func log(
    _ request: HTTPRequest, _ endpoint: AdminEndpoint, _ caller: AdminCaller, _ status: Int, _ outcome: String?
  ) {
    var fields: Logger.Metadata = [
      "caller": "\(caller.name)", "action": "\(endpoint.id)", "status": "\(status)", "remote": "\(request.remote.host)",
    ]
    if let target = request.captures.first?.value { fields["target"] = "\(target.prefix(512))" }
    if let outcome { fields["outcome"] = "\(outcome)" }
    environment.logger.info("admin action", metadata: fields)
  }

  // MARK: the document, pages, and the rest

  private var document: AdminEndpoint {
    AdminEndpoint("GET", "/openapi.json", "openapi", "What there is, as an OpenAPI document.", .viewMetadata) {
      [self] _ in
      let described = (endpoints + [document]).compactMap(served) + pages.compactMap(served)
      return AdminAnswer(OpenAPIDocument(title: "Omnibus admin API", version: version, endpoints: described).value)
    }
  }

  private func served(_ page: AdminPage) -> HTTPEndpoint? {
    guard let path = try? PathPattern(page.path) else { return nil }
    let (help, id) = (page.help, String(page.path.dropFirst()).replacing("/", with: "-"))
    var operation = OperationDescription(
      id: id, description: { help }, consumes: [], produces: [page.produces], security: page.isOpen ? [] : [.bearer])
    operation.isLoginOptional = page.isOpen || access.withLock { $0.letsInAnybody }
    return HTTPEndpoint(
      method: "GET", path: path, maxBody: 0,
      admit: { [self] headers, _, _, remote in
        page.isOpen ? nil : unauthorized(headers, remote, id)
      }, operation: operation
    ) { request in await page.answer(request).guarded }
  }

  /// What is there by other methods than the one that is asked for, to those who may know: 405 with those (RFC 9110,
  /// 15.5.6).
  private func otherMethods(_ described: [HTTPEndpoint]) -> [HTTPEndpoint] {
    Dictionary(grouping: described, by: \.path.shape).values.flatMap { same -> [HTTPEndpoint] in
      // An endpoint for any method would get HEAD in the place of that of GET.
      let heads = same.filter { $0.method == "GET" }.map { endpoint in
        var head = endpoint
        head.method = "HEAD"
        head.operation = nil
        return head
      }
      let allowed = (same + heads).compactMap(\.method).sorted().joined(separator: ", ")
      let other = HTTPEndpoint(
        method: nil, path: same[0].path, maxBody: 0,
        admit: { [self] headers, _, _, remote in
          unauthorized(headers, remote, "unknown")
            ?? AdminProblem(
              405, "method_not_allowed", "The path is not served for this method", headers: ["allow": allowed]
            ).response.guarded
        }
      ) { _ in HTTPResponse(status: 405).guarded }
      return heads + [other]
    }
  }

  /// What is not there, for those who may know.
  private var everythingElse: HTTPEndpoint? {
    guard let path = try? PathPattern("/{rest...}") else { return nil }
    return HTTPEndpoint(
      method: nil, path: path, maxBody: 0,
      admit: { [self] headers, _, _, remote in
        unauthorized(headers, remote, "unknown")
          ?? AdminProblem(404, "not_found", "Nothing is served at this path").response.guarded
      }
    ) { _ in HTTPResponse(status: 404).guarded }
  }

  private func unauthorized(_ headers: Headers, _ remote: SocketAddress, _ action: String) -> HTTPResponse? {
    do throws(AdminProblem) {
      _ = try caller(headers, remote, .viewMetadata, action)
      return nil
    } catch {
      return error.response.guarded
    }
  }
}

extension HTTPResponse {
  /// With what keeps it out of caches, and browsers from taking it for something else.
  fileprivate var guarded: HTTPResponse {
    var response = self
    response.headers["cache-control"] = "no-store"
    response.headers["x-content-type-options"] = "nosniff"
    response.headers["content-security-policy"] = "default-src 'none'; frame-ancestors 'none'"
    return response
  }
}
