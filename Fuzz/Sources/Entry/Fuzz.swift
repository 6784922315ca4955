import Glibc

/// The target that `OMNIBUS_FUZZ` names.
private let target: FuzzTarget = {
  let name = getenv("OMNIBUS_FUZZ").map { String(cString: $0) } ?? ""
  guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
    let names = FuzzTarget.all.map(\.name).joined(separator: ", ")
    // Nothing else could be fuzzed, and libFuzzer has no other way to be told.
    fatalError("OMNIBUS_FUZZ is \"\(name)\", expected one of \(names)")
  }
  return target
}()

/// What libFuzzer calls with each input (llvm.org/docs/LibFuzzer.html).
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTestOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  do {
    try target.run(Array(UnsafeBufferPointer(start: start, count: count)))
  } catch {
    // libFuzzer keeps the input of what crashes.
    fatalError("\(target.name): \(error)")
  }
  return 0
}
