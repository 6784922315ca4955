internal import CCurl
internal import Omnibus

/// Header lines in the form that libcurl reads, in memory that is kept from one request to the next.
struct HeaderLines: ~Copyable {
  private var text: UnsafeMutablePointer<CChar>
  private var textCapacity = 1024
  private var nodes: UnsafeMutablePointer<curl_slist>
  private var nodeCapacity = 16

  init() {
    text = .allocate(capacity: textCapacity)
    nodes = .allocate(capacity: nodeCapacity)
  }

  deinit {
    text.deallocate()
    nodes.deallocate()
  }

  /// The list for `headers` and the lines in `extra`, valid until the next call. Refuses what would break out of its
  /// line (RFC 9110, 5.5) and what frames the message.
  mutating func fill(
    _ headers: Headers, extra: [StaticString]
  ) throws(Failure) -> UnsafeMutablePointer<curl_slist> {
    var bytes = 0
    var problem: String?
    headers.forEachField { name, value in
      bytes += name.count + value.count + 3
      if problem == nil { problem = Self.problem(name, value) }
    }
    if let problem { throw Failure(.invalid, problem) }
    reserve(bytes: bytes + extra.reduce(0) { $0 + $1.utf8CodeUnitCount + 1 }, nodes: headers.count + extra.count)
    write(headers, extra)
    return nodes
  }

  private mutating func reserve(bytes: Int, nodes count: Int) {
    if bytes > textCapacity {
      text.deallocate()
      textCapacity = bytes * 2
      text = .allocate(capacity: textCapacity)
    }
    if count > nodeCapacity {
      nodes.deallocate()
      nodeCapacity = count * 2
      nodes = .allocate(capacity: nodeCapacity)
    }
  }

  private func write(_ headers: Headers, _ extra: [StaticString]) {
    var end = text
    var count = 0
    func put(_ bytes: UnsafeBufferPointer<UInt8>) {
      guard let start = bytes.baseAddress else { return }
      end.update(from: UnsafeRawPointer(start).assumingMemoryBound(to: CChar.self), count: bytes.count)
      end += bytes.count
    }
    func put(_ byte: UInt8) {
      end.pointee = CChar(bitPattern: byte)
      end += 1
    }
    func endLine(from start: UnsafeMutablePointer<CChar>) {
      put(0)
      (nodes + count).initialize(to: curl_slist(data: start, next: nil))
      if count > 0 { nodes[count - 1].next = nodes + count }
      count += 1
    }
    headers.forEachField { name, value in
      let start = end
      put(name)
      if value.isEmpty {
        // libcurl's way to say a field without a value; a colon would remove the field.
        put(UInt8(ascii: ";"))
      } else {
        put(UInt8(ascii: ":"))
        put(UInt8(ascii: " "))
        put(value)
      }
      endLine(from: start)
    }
    for line in extra {
      let start = end
      line.withUTF8Buffer(put)
      endLine(from: start)
    }
  }

  private static func problem(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) -> String? {
    guard FieldName.isToken(name) else { return "a header name holds a character that is not allowed" }
    guard value.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
      return "the header \(String(decoding: name, as: UTF8.self)) holds a line break or another control character"
    }
    return FieldName.isFraming(name)
      ? "the header \(String(decoding: name, as: UTF8.self)) is for the client alone to set" : nil
  }
}
