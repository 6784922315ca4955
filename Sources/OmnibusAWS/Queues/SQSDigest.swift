internal import OmnibusCrypto

/// The MD5 by which SQS says which text it has, against what happens to bytes on their way.
public enum SQSDigest {
  /// Whether `digest` is that of `text`, in hexadecimal digits; also where it is none.
  public static func matches(_ text: String, _ digest: String?) -> Bool {
    guard let digest, digest.utf8.count == 32 else { return true }
    var text = text
    let running = RunningDigest(.md5)
    text.withUTF8 { running.update(UnsafeRawBufferPointer($0)) }
    return AWSEncoding.hex(running.finish()) == digest.lowercased()
  }
}
