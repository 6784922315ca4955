import Glibc
import OmnibusReactor
import Testing

@Test("the limit of descriptors is raised to the highest that the system allows")
func raiseLimit() {
  var limit = rlimit()
  getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  FileDescriptors.raiseLimit()
  #expect(FileDescriptors.limit == Int(clamping: limit.rlim_max))
}
