internal import CRNP
internal import Omnibus

/// The ends of a pump as librnp's input and output, for the time of `run`.
enum RNPStreams {
  /// Runs `body` with both; what the pump could not do comes before what librnp says of it.
  static func run(
    _ pump: Pump, _ body: (rnp_input_t, rnp_output_t) throws(RNPError) -> Void,
    failing failure: (RNPError) -> Failure
  ) throws(Failure) {
    do throws(RNPError) {
      var input: rnp_input_t?
      var output: rnp_output_t?
      defer {
        rnp_input_destroy(input)
        rnp_output_destroy(output)
      }
      // librnp calls back while it works, and the pump is held until then.
      let context = Unmanaged.passUnretained(pump).toOpaque()
      try RNPError.check(rnp_input_from_callback(&input, read, nil, context))
      try RNPError.check(rnp_output_to_callback(&output, write, nil, context))
      guard let input, let output else { throw RNPError(code: rnp_result_t(RNP_ERROR_GENERIC)) }
      try body(input, output)
    } catch {
      throw pump.failure ?? failure(error)
    }
    try pump.finish()
  }

  private static let read:
    @convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, Int, UnsafeMutablePointer<Int>?) -> Bool = {
      context, buffer, count, filled in
      guard let context, let buffer, let filled else { return false }
      let pump = Unmanaged<Pump>.fromOpaque(context).takeUnretainedValue()
      guard let got = pump.fill(UnsafeMutableRawBufferPointer(start: buffer, count: count)) else { return false }
      filled.pointee = got
      return true
    }

  private static let write: @convention(c) (UnsafeMutableRawPointer?, UnsafeRawPointer?, Int) -> Bool = {
    context, bytes, count in
    guard let context, let bytes else { return false }
    let pump = Unmanaged<Pump>.fromOpaque(context).takeUnretainedValue()
    return pump.write(UnsafeRawBufferPointer(start: bytes, count: count))
  }
}
