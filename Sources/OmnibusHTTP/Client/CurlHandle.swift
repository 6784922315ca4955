internal import CCurl
internal import Omnibus
internal import OmnibusReactor

/// An easy handle of libcurl that is used for one request after another. Options that did not change since the request
/// before are not set again.
final class CurlHandle {
  /// What of a request the handle is set to.
  private struct Settings: Equatable {
    var timeout = -1
    var connectTimeout = -1
    var silence = -1
    var receiveBuffer = -1
    var followsRedirects = false
    var tls: TLSClientConfiguration?
    var proxy = HTTPProxy.none
  }

  /// Bodies up to this size lie in memory of the handle, and leave in one system call with the head.
  private static let inlineBody = 16 << 10

  /// How long the authorities of the system are kept: seconds.
  private static let systemCALifetime = 12 * 3600
  /// How long a connection is used that was made with files of its own: seconds.
  private static let fileLifetime = 600

  let easy: UnsafeMutableRawPointer
  /// Where the loop keeps the handle.
  var place: Int
  /// The request that is under way; the callbacks speak to it.
  var transfer: Transfer?

  private var lines = HeaderLines()
  private let body: UnsafeMutablePointer<UInt8>
  private var url = ""
  private var method = ""
  private var hasBody = false
  private var uploadBuffer = 0
  private var settings = Settings()

  init(loop: CurlLoop, place: Int) {
    guard let easy = curl_easy_init() else { preconditionFailure("out of memory") }
    self.easy = easy
    self.place = place
    body = .allocate(capacity: Self.inlineBody)
    let this = Unmanaged.passUnretained(self).toOpaque()
    let loop = Unmanaged.passUnretained(loop).toOpaque()
    omnibus_curl_set_pointer(easy, CURLOPT_PRIVATE, this)
    omnibus_curl_set_long(easy, CURLOPT_NOSIGNAL, 1)
    // Nothing from the environment, no files of the user, and nothing but HTTP.
    omnibus_curl_set_string(easy, CURLOPT_PROXY, "")
    // What a proxy says before the tunnel stands is no answer of the peer.
    omnibus_curl_set_long(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    omnibus_curl_set_long(easy, CURLOPT_NETRC, 0)
    omnibus_curl_set_string(easy, CURLOPT_PROTOCOLS_STR, "http,https")
    omnibus_curl_set_string(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
    omnibus_curl_set_long(easy, CURLOPT_MAXREDIRS, 10)
    // The path goes out as it was given: "/a/../b" is for the peer to judge.
    omnibus_curl_set_long(easy, CURLOPT_PATH_AS_IS, 1)
    // As the server's idle time may be near, an older connection would only be a race with its close.
    omnibus_curl_set_long(easy, CURLOPT_MAXAGE_CONN, 60)
    omnibus_curl_set_long(easy, CURLOPT_LOW_SPEED_LIMIT, 1)
    installCallbacks(this, loop)
  }

  /// Gives the memory back; the handle must not be part of a multi handle any more.
  func close() { curl_easy_cleanup(easy) }

  deinit { body.deallocate() }

  /// The handle's object.
  static func of(_ easy: UnsafeMutableRawPointer) -> CurlHandle? {
    var pointer: UnsafeMutableRawPointer?
    omnibus_curl_get_pointer(easy, CURLINFO_PRIVATE, &pointer)
    return pointer.map { Unmanaged<CurlHandle>.fromOpaque($0).takeUnretainedValue() }
  }

  /// The `errno` of the connect that failed; 0 for none.
  var systemError: Int32 {
    var code = 0
    omnibus_curl_get_long(easy, CURLINFO_OS_ERRNO, &code)
    return Int32(truncatingIfNeeded: code)
  }

  /// The status with which a proxy refused a tunnel; 0 for none.
  var tunnelStatus: Int {
    var status = 0
    omnibus_curl_get_long(easy, CURLINFO_HTTP_CONNECTCODE, &status)
    return status
  }

  /// Sets the handle to what `transfer` asks for.
  func prepare(_ transfer: Transfer) throws(Failure) {
    let request = transfer.request
    try set(url: request.url)
    set(method: request.method, transfer.upload)
    try setHeaders(request, transfer.upload)
    set(settings(of: request))
    self.transfer = transfer
  }

  private func set(url: String) throws(Failure) {
    guard url != self.url else { return }
    guard url.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
      throw Failure(.invalid, "the url holds a space or a control character")
    }
    guard omnibus_curl_set_string(easy, CURLOPT_URL, url) == CURLE_OK else {
      throw Failure(.invalid, "the url is too long")
    }
    self.url = url
  }

  private func set(method: String, _ upload: Upload?) {
    if method != self.method || (upload != nil) != hasBody {
      self.method = method
      hasBody = upload != nil
      omnibus_curl_set_long(easy, CURLOPT_NOBODY, 0)
      omnibus_curl_set_long(easy, hasBody ? CURLOPT_POST : CURLOPT_HTTPGET, 1)
      if method == "HEAD" { omnibus_curl_set_long(easy, CURLOPT_NOBODY, 1) }
      let isNamed = method == (hasBody ? "POST" : "GET") || method == "HEAD"
      omnibus_curl_set_string(easy, CURLOPT_CUSTOMREQUEST, isNamed ? nil : method)
    }
    guard let upload else { return }
    let isInline = upload.copy(to: UnsafeMutableBufferPointer(start: body, count: Self.inlineBody))
    omnibus_curl_set_pointer(easy, CURLOPT_POSTFIELDS, isInline ? body : nil)
    omnibus_curl_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(upload.length ?? -1))
    set(uploadBuffer: isInline ? 16 << 10 : 128 << 10)
  }

  /// Sets the size of the buffer that libcurl allocates for each body, the smallest that it takes where it is not used.
  private func set(uploadBuffer size: Int) {
    guard size != uploadBuffer else { return }
    uploadBuffer = size
    omnibus_curl_set_long(easy, CURLOPT_UPLOAD_BUFFERSIZE, size)
  }

  private func setHeaders(_ request: HTTPClientRequest, _ upload: Upload?) throws(Failure) {
    var extra: [StaticString] = []
    if let upload {
      extra.append("Expect:")
      if upload.length == nil { extra.append("Transfer-Encoding: chunked") }
      // Else libcurl would say that it is a form.
      if !request.headers.contains("content-type") { extra.append("Content-Type:") }
    }
    let list = try lines.fill(request.headers, extra: extra)
    omnibus_curl_set_pointer(easy, CURLOPT_HTTPHEADER, request.headers.isEmpty && extra.isEmpty ? nil : list)
  }

  private func settings(of request: HTTPClientRequest) -> Settings {
    let timeout = max(1, Int(clamping: request.timeout.nanosecondsClamped / 1_000_000))
    return Settings(
      timeout: request.streams ? 0 : timeout,
      connectTimeout: max(1, Int(clamping: request.connectTimeout.nanosecondsClamped / 1_000_000)),
      silence: request.streams ? max(1, timeout / 1000) : 0,
      receiveBuffer: request.wantsStream ? 128 << 10 : 16 << 10,
      followsRedirects: request.follows, tls: request.tls, proxy: request.proxy)
  }

  private func set(_ wanted: Settings) {
    guard wanted != settings else { return }
    if wanted.proxy != settings.proxy { set(wanted.proxy) }
    settings = wanted
    omnibus_curl_set_long(easy, CURLOPT_TIMEOUT_MS, wanted.timeout)
    omnibus_curl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, wanted.connectTimeout)
    omnibus_curl_set_long(easy, CURLOPT_LOW_SPEED_TIME, wanted.silence)
    omnibus_curl_set_long(easy, CURLOPT_BUFFERSIZE, wanted.receiveBuffer)
    omnibus_curl_set_long(easy, CURLOPT_FOLLOWLOCATION, wanted.followsRedirects ? 1 : 0)
    if let tls = wanted.tls { set(tls) }
  }

  private func set(_ tls: TLSClientConfiguration) {
    omnibus_curl_set_string(easy, CURLOPT_CAINFO, tls.authorities ?? Self.systemCAFile)
    omnibus_curl_set_string(easy, CURLOPT_PROXY_CAINFO, tls.authorities ?? Self.systemCAFile)
    // Beside the file libcurl trusts what lies in the system's folder, unless it has none.
    let folder = tls.authorities == nil ? Self.systemCAFolder : nil
    omnibus_curl_set_string(easy, CURLOPT_CAPATH, folder)
    omnibus_curl_set_string(easy, CURLOPT_PROXY_CAPATH, folder)
    omnibus_curl_set_string(easy, CURLOPT_SSLCERT, tls.identity?.certificate)
    omnibus_curl_set_string(easy, CURLOPT_SSLKEY, tls.identity?.key)
    // What libcurl keeps it tells apart by the names of files, not by what they hold: that is read for each connection,
    // and no connection lasts for ever.
    let hasFiles = tls.authorities != nil || tls.identity != nil
    omnibus_curl_set_long(easy, CURLOPT_CA_CACHE_TIMEOUT, hasFiles ? 0 : Self.systemCALifetime)
    omnibus_curl_set_long(easy, CURLOPT_SSL_SESSIONID_CACHE, hasFiles ? 0 : 1)
    omnibus_curl_set_long(easy, CURLOPT_MAXLIFETIME_CONN, hasFiles ? Self.fileLifetime : 0)
    let version = tls.minimumVersion == .tls13 ? CURL_SSLVERSION_TLSv1_3 : CURL_SSLVERSION_TLSv1_2
    omnibus_curl_set_long(easy, CURLOPT_SSLVERSION, version)
  }

  /// An empty text is none, nil is what the environment says.
  private func set(_ proxy: HTTPProxy) {
    let server: HTTPProxy.Server? = if case .server(let server) = proxy { server } else { nil }
    let unset: String? = proxy == .environment ? nil : ""
    omnibus_curl_set_string(easy, CURLOPT_PROXY, server?.url ?? unset)
    omnibus_curl_set_string(easy, CURLOPT_NOPROXY, server?.except.joined(separator: ",") ?? unset)
    omnibus_curl_set_string(easy, CURLOPT_PROXYUSERNAME, server?.user)
    omnibus_curl_set_string(easy, CURLOPT_PROXYPASSWORD, server?.password)
  }

  /// What libcurl was built to trust; setting nil would mean to trust nobody.
  private static let systemCAFile: String? = {
    guard let version = omnibus_curl_version(), let path = version.pointee.cainfo else { return nil }
    return String(cString: path)
  }()

  /// The folder with authorities that libcurl was built to trust beside the file; nil for none.
  private static let systemCAFolder: String? = {
    guard let version = omnibus_curl_version(), let path = version.pointee.capath else { return nil }
    return String(cString: path)
  }()
}

extension CurlHandle {
  /// Lets libcurl speak to whichever transfer is under way, and the loop make and close sockets.
  private func installCallbacks(_ this: UnsafeMutableRawPointer, _ loop: UnsafeMutableRawPointer) {
    omnibus_curl_set_pointer(easy, CURLOPT_HEADERDATA, this)
    omnibus_curl_set_data(easy, CURLOPT_HEADERFUNCTION) { data, size, count, this in
      CurlHandle.transfer(this)?.takeHeader(CurlHandle.bytes(data, size * count)) ?? 0
    }
    omnibus_curl_set_pointer(easy, CURLOPT_WRITEDATA, this)
    omnibus_curl_set_data(easy, CURLOPT_WRITEFUNCTION) { data, size, count, this in
      CurlHandle.transfer(this)?.takeBody(CurlHandle.bytes(data, size * count)) ?? 0
    }
    omnibus_curl_set_pointer(easy, CURLOPT_READDATA, this)
    omnibus_curl_set_data(easy, CURLOPT_READFUNCTION) { data, size, count, this in
      guard let data, let transfer = CurlHandle.transfer(this) else { return Int(CURL_READFUNC_ABORT) }
      return data.withMemoryRebound(to: UInt8.self, capacity: size * count) {
        transfer.giveBody(UnsafeMutableBufferPointer(start: $0, count: size * count))
      }
    }
    omnibus_curl_set_pointer(easy, CURLOPT_SEEKDATA, this)
    omnibus_curl_set_seek(easy) { this, offset, origin in
      CurlHandle.transfer(this)?.seekBody(to: Int(offset), origin) ?? CURL_SEEKFUNC_FAIL
    }
    omnibus_curl_set_pointer(easy, CURLOPT_PREREQDATA, this)
    omnibus_curl_set_prereq(easy) { this, _, _, _, _ in
      CurlHandle.transfer(this)?.willSend() == true ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
    }
    omnibus_curl_set_pointer(easy, CURLOPT_OPENSOCKETDATA, loop)
    omnibus_curl_set_open(easy) { loop, _, address in
      guard let loop, let address else { return -1 }
      return CurlLoop.from(loop).openSocket(address.pointee)
    }
    omnibus_curl_set_pointer(easy, CURLOPT_CLOSESOCKETDATA, loop)
    omnibus_curl_set_close(easy) { loop, descriptor in
      guard let loop else { return -1 }
      return CurlLoop.from(loop).closeSocket(descriptor)
    }
  }

  private static func transfer(_ this: UnsafeMutableRawPointer?) -> Transfer? {
    this.flatMap { Unmanaged<CurlHandle>.fromOpaque($0).takeUnretainedValue().transfer }
  }

  private static func bytes(_ data: UnsafeMutablePointer<CChar>?, _ count: Int) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: UnsafeRawPointer(data)?.assumingMemoryBound(to: UInt8.self), count: count)
  }
}
