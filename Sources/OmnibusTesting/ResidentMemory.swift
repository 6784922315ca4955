internal import Glibc

/// The memory that this process holds, as the system counts it (proc_pid_statm(5)).
public enum ResidentMemory {
  /// The resident set in bytes; 0 where the system does not say.
  public static var bytes: Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var text = [CChar](repeating: 0, count: 128)
    guard fgets(&text, Int32(text.count), file) != nil else { return 0 }
    let line = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let fields = line.split(separator: " ")
    return fields.count > 1 ? (Int(fields[1]) ?? 0) * sysconf(Int32(_SC_PAGESIZE)) : 0
  }
}

/// The most memory that was held beyond what was held at the beginning.
final class MemoryGauge: Sendable {
  private let start = ResidentMemory.bytes
  private let peaks = Recorder<Int>()

  /// Looks; call it wherever the work may have grown.
  func look() { peaks.append(ResidentMemory.bytes) }

  /// The highest of the looks, without what was there before.
  var growth: Int { max((peaks.all.max() ?? start) - start, 0) }
}
