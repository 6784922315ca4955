internal import CReactor
internal import Glibc
internal import OmnibusReactor

/// The two ends of a pipe that other programs do not inherit by themselves.
struct ProgramPipe {
  let reader: Int32
  let writer: Int32

  init() throws(SystemError) {
    var ends: [Int32] = [-1, -1]
    guard omnibus_pipe(&ends) == 0 else { throw SystemError("pipe2") }
    (reader, writer) = (ends[0], ends[1])
  }

  func closeReader() { close(reader) }

  func closeWriter() { close(writer) }
}
