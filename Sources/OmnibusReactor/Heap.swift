internal import CReactor

/// The memory of the process.
public enum Heap {
  /// Keeps up to 64 MiB of freed memory for what comes next. By itself glibc gives the top of the heap back to the kernel
  /// with nearly every message, and the next one pays for it in page faults: a JSON body of 150 KB takes twice as long.
  public static func keepFreedMemory() { omnibus_heap_keep(64 << 20) }
}
