import Glibc
import OmnibusTesting

/// A file system of its own in memory that is soon full, unmounted when nobody holds it any more.
final class SmallDisk: Sendable {
  /// Its root.
  let folder = TemporaryDirectory()

  /// Whether this process may mount one.
  static let isPossible = (try? SmallDisk()) != nil

  /// Mounts it, with options of tmpfs(5).
  init(options: String = "size=1m") throws {
    guard mount("tmpfs", folder.path, "tmpfs", 0, options) == 0 else { throw Refused() }
  }

  deinit { umount2(folder.path, Int32(MNT_DETACH)) }

  private struct Refused: Error {}
}
