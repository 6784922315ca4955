internal import CRNP

/// What librnp answers other than success.
struct RNPError: Error {
  let code: rnp_result_t

  /// Throws unless `result` says success.
  static func check(_ result: rnp_result_t) throws(RNPError) {
    if result != rnp_result_t(RNP_SUCCESS) { throw RNPError(code: result) }
  }

  /// Whether it is one of those codes, which the header has as plain numbers.
  func isOne(of codes: Int...) -> Bool { codes.contains { rnp_result_t($0) == code } }
}

/// Reads one text that librnp allocates; nil where it has none.
func rnpText(_ get: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> rnp_result_t) -> String? {
  var text: UnsafeMutablePointer<CChar>?
  guard get(&text) == rnp_result_t(RNP_SUCCESS), let text else { return nil }
  defer { rnp_buffer_destroy(text) }
  return String(cString: text)
}

/// Reads one flag; false where librnp has none.
func rnpFlag(_ get: (UnsafeMutablePointer<Bool>) -> rnp_result_t) -> Bool {
  var flag = false
  return get(&flag) == rnp_result_t(RNP_SUCCESS) && flag
}
