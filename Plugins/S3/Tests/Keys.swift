import Omnibus
import OmnibusCrypto

/// Keys that stores and clients have got wrong before.
enum Keys {
  static let odd = [
    "a+b", "a b", "a%2Fb", "100%", "a=b&c=d", "it's", "(1)", "a/b//c", "/leading", "//two", "trailing/x", ".", "..",
    "../up",
    "a/./b", "ä/ü", "日本語.csv", "🙂", "e\u{301}", "~tilde*!;,:@$", "a?b#c", "\"quoted\"", "<a>&amp;", "[1]{2}|3\\4^5`6",
    "tab\tline\n", "\u{1}\u{1F}\u{7F}", String(repeating: "k", count: 1024),
  ]
}

/// CRC-32C as fields have it.
struct CyclicCheckText {
  private var check = CyclicCheck(.crc32c)

  mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { check.update($0) } }

  var text: String { Base64.encode(check.value) }
}
