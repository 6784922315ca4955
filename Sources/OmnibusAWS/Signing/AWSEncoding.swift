internal import OmnibusHTTP

/// How signatures write paths and bytes (AWS Signature Version 4, "Create a canonical request").
enum AWSEncoding {
  /// A path with everything encoded but unreserved characters and slashes.
  static func path(_ path: String) -> String {
    path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      .map { PercentEncoding.encode(String(decoding: $0, as: UTF8.self)) }.joined(separator: "/")
  }

  /// A path without its dot segments and empty segments (RFC 3986, 5.2.4), which all services but S3 take it for.
  static func normalized(_ path: String) -> String {
    var segments: [Substring.UTF8View] = []
    for segment in path[...].utf8.split(separator: UInt8(ascii: "/")) {
      if segment.elementsEqual("..".utf8) {
        _ = segments.popLast()
      } else if !segment.elementsEqual(".".utf8) {
        segments.append(segment)
      }
    }
    guard !segments.isEmpty else { return "/" }
    let isFolder = path.utf8.last == UInt8(ascii: "/")
    return segments.reduce(into: "") { $0 += "/" + String(decoding: $1, as: UTF8.self) } + (isFolder ? "/" : "")
  }

  /// Bytes as lower-case hexadecimal digits.
  static func hex(_ bytes: some Collection<UInt8>) -> String {
    String(unsafeUninitializedCapacity: bytes.count * 2) { buffer in
      var place = 0
      for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
          buffer[place] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
          place += 1
        }
      }
      return place
    }
  }
}
