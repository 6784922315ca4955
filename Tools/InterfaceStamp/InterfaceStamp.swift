internal import Glibc

/// Writes what a plugin and the program must have in common: the compiler, the language settings of the manifest, and
/// the sources of each module that both see.
///
/// `InterfaceStamp OUTPUT.swift|OUTPUT.c SWIFTC PACKAGE NAME FOLDER [NAME FOLDER]...`: OUTPUT.swift has the stamp as a
/// constant of the program, OUTPUT.c puts it into a section of a library. PACKAGE is the folder of Package.swift.
@main
struct InterfaceStamp {
  static func main() {
    let arguments = CommandLine.arguments.dropFirst()
    guard arguments.count >= 5, !arguments.count.isMultiple(of: 2), let output = arguments.first else {
      fail("usage: InterfaceStamp OUTPUT SWIFTC PACKAGE NAME FOLDER [NAME FOLDER]...")
    }
    var lines = ["compiler \(compiler(arguments[2]))", "settings \(Sources(folder: arguments[3]).settingsDigest)"]
    for index in stride(from: 4, to: arguments.endIndex, by: 2) {
      lines.append("module \(arguments[index]) \(Sources(folder: arguments[index + 1]).digest)")
    }
    let stamp = lines.map { $0 + "\\n" }.joined()
    let text =
      output.hasSuffix(".c")
      ? """
      __attribute__((section(".omnibus.interface"), used, visibility("default")))
      const char omnibus_interface[] = "\(stamp)";

      """
      : """
      /// What a library must have been built with to be loaded; made from the sources by `Tools/InterfaceStamp`.
      let programInterface = "\(stamp)"

      """
    guard let file = fopen(output, "w"), fputs(text, file) >= 0, fclose(file) == 0 else {
      fail("\(output) cannot be written")
    }
  }

  /// The first line of what the compiler says of its version.
  private static func compiler(_ path: String) -> String {
    guard let pipe = popen("'\(path)' --version 2>/dev/null", "r") else { fail("\(path) cannot be run") }
    defer { pclose(pipe) }
    var buffer = [CChar](repeating: 0, count: 512)
    guard fgets(&buffer, Int32(buffer.count), pipe) != nil else { fail("\(path) does not say its version") }
    let line = buffer.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }
    return String(decoding: line, as: UTF8.self).filter { $0 != "\"" && $0 != "\\" }
  }

  static func fail(_ message: String) -> Never {
    let line = Array("InterfaceStamp: \(message)\n".utf8)
    _ = write(STDERR_FILENO, line, line.count)
    exit(1)
  }
}
