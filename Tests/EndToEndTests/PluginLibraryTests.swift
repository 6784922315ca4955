import Foundation
import OmnibusTesting
import Testing

@testable import omnibus

/// Libraries that the program must not load. They are written in C: what a plugin of Swift is made of is a name to them.
@Suite("libraries with plugins that do not fit")
struct PluginLibraryTests {
  let folder = TemporaryDirectory()

  /// A library, and what is said of it.
  struct Case: CustomTestStringConvertible {
    let name: String
    let source: String
    let reason: String

    var testDescription: String { name }
  }

  /// The stamp that fits.
  static let stamp = section(programInterface)
  /// Takes a type of the core from the program, as every plugin does.
  static let core = #"extern int core __asm__("$s7Omnibus7MessageVMn"); void *uses = &core;"# + "\n"

  static func section(_ stamp: String) -> String {
    let text = stamp.replacing("\n", with: "\\n")
    return #"__attribute__((section(".omnibus.interface"), used)) const char omnibus_interface[] = "\#(text)";"# + "\n"
  }

  static let cases = [
    Case(name: "no stamp", source: core, reason: "has no interface stamp"),
    Case(
      name: "another compiler", source: core + section("compiler Swift version 5.9\n"),
      reason: "was built by Swift version 5.9, this program by Swift version 6"),
    Case(
      name: "another version",
      source: core + section(programInterface.replacing("module Omnibus ", with: "module Omnibus 1")),
      reason: "was built for another version of Omnibus than this program is: Omnibus differs"),
    Case(name: "an empty stamp", source: core + section(""), reason: "was built by an unknown compiler"),
    Case(name: "nothing of the core", source: stamp, reason: "takes nothing of Omnibus from the program"),
    Case(
      name: "a second copy of the core", source: #"int core __asm__("$s7Omnibus7MessageVMn") = 1;"# + stamp,
      reason: "brings its own copy of what the program has, such as nominal type descriptor for Omnibus.Message"),
    Case(
      name: "a symbol that is missing",
      source: core + stamp + #"extern int gone __asm__("$s7Omnibus4GoneVMn"); void *also = &gone;"#,
      reason: "needs nominal type descriptor for Omnibus.Gone, which this program does not have"),
    Case(name: "no entry point", source: core + stamp, reason: "has no function omnibus_plugin"),
    Case(
      name: "a crash in the entry point",
      source: core + stamp + "void omnibus_plugin(void *p) { *(volatile int *)0 = 1; }",
      reason: "crashes when it is opened: segmentation fault"),
    Case(
      name: "an abort with a last word",
      source: core + stamp
        + #"#include <stdio.h>\#n#include <stdlib.h>\#nvoid omnibus_plugin(void *p) { fputs("Fatal error: no\n", stderr); abort(); }"#,
      reason: "crashes when it is opened: aborted: Fatal error: no"),
    Case(
      name: "a crash before the entry point",
      source: core + stamp + "__attribute__((constructor)) void begin(void) { __builtin_trap(); }",
      reason: "crashes when it is opened: illegal instruction"),
    Case(
      name: "an exit in the entry point",
      source: core + stamp + "#include <stdlib.h>\nvoid omnibus_plugin(void *p) { exit(3); }",
      reason: "ends the program when it is opened, with exit code 3"),
    Case(
      name: "an entry point that never returns",
      source: core + stamp + "void omnibus_plugin(void *p) { for (volatile int i = 0;; i++) {} }",
      reason: "does not come to an end of its entry point within 10s"),
  ]

  @Test("it is refused with a reason, at its place in omnibus.yaml", arguments: cases)
  func refused(_ library: Case) async throws {
    try await build(library.source)
    let output = try await check(library: "plugin.so", exitCode: 1)
    #expect(output.contains("omnibus.yaml:1:12: error[plugin-not-loaded]: "))
    #expect(output.contains(library.reason))
  }

  @Test("what is no library is refused", arguments: ["text.so", "folder", "absent.so", "cut.so", "foreign.so"])
  func noLibrary(_ name: String) async throws {
    try await build(Self.core + Self.stamp)
    let bytes = try #require(folder.read("plugin.so"))
    folder.write("text.so", "no library")
    folder.write("folder/file", "")
    folder.write("cut.so", Array(bytes.dropLast(bytes.count / 2)))
    folder.write("foreign.so", Array(bytes[..<18]) + [183, 0] + Array(bytes[20...]))
    let reasons = [
      "text.so": "is no ELF file", "folder": "is a folder", "absent.so": "cannot be read: no such file or directory",
      "cut.so": "is cut short or damaged", "foreign.so": "is for AArch64",
    ]
    let output = try await check(library: name, exitCode: 1)
    #expect(output.contains(try #require(reasons[name])))
  }

  @Test("an optional library that is refused is a warning, and a route that misses it is told so")
  func optional() async throws {
    folder.write("text.so", "no library")
    let output = try await check(library: "{ library: text.so, optional: true }", exitCode: 0)
    #expect(output.contains("warning[plugin-not-loaded]: "))

    let route = "routes:\n  - id: a\n    from: { timer: { every: 1h } }\n    steps:\n      - acme: {}\n"
    let missing = try await check(library: "{ library: text.so, optional: true }", route: route, exitCode: 1)
    #expect(missing.contains("there is no step \"acme\""))
    #expect(missing.contains("omnibus.yaml:1:23: note: this plugin was not loaded: "))
  }

  @Test("routes are not served without a library that is not optional")
  func run() async throws {
    folder.write("text.so", "no library")
    folder.write("omnibus.yaml", "plugins: [ text.so ]\n")
    folder.write("Routes/a.yaml", "routes: []\n")
    let program = try RunningProgram(Project.program, ["run", "\(folder.path)/Routes", "--log-format", "text"])
    #expect(try await program.end() == 1)
    #expect(program.output.contains("error[plugin-not-loaded]"))
  }

  @Test("a library that is written to or replaced is not the one that was checked")
  func changed() throws {
    folder.write("a.so", "one")
    folder.write("b.so", "one")
    let path = "\(folder.path)/a.so"
    let before = try LibraryIdentity(path)
    #expect(try LibraryIdentity(path) == before)
    rename("\(folder.path)/b.so", path)
    let replaced = try LibraryIdentity(path)
    #expect(replaced != before)
    folder.write("a.so", "longer")
    #expect(try LibraryIdentity(path) != replaced)
  }

  @Test("what a reference in the path of a library stands for is not shown")
  func reference() async throws {
    folder.write("where", "unlikely")
    let output = try await check(library: "\"${file:where}/a.so\"", exitCode: 1)
    #expect(output.contains("]: ${file:where}/a.so cannot be read: ") && !output.contains("unlikely"))
  }

  @Test("no damage to a library brings the reader down")
  func damaged() async throws {
    try await build(Self.core + Self.stamp)
    let bytes = try #require(folder.read("plugin.so"))
    var random = SystemRandomNumberGenerator()
    let tables = Array(0..<64) + Array(bytes.count - 64 * 40..<bytes.count)
    for _ in 0..<2000 {
      var damaged = bytes
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        damaged[tables.randomElement(using: &random) ?? 0] =
          [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
      }
      if Bool.random() { damaged.removeLast(Int.random(in: 0..<damaged.count, using: &random)) }
      folder.write("damaged.so", damaged)
      do throws(LibraryProblem) {
        try LibraryFile.check("\(folder.path)/damaged.so")
      } catch {
        #expect(!error.message.isEmpty)
      }
    }
  }

  /// Compiles `source` to `plugin.so`.
  private func build(_ source: String) async throws {
    folder.write("plugin.c", source + "\n")
    let clang = try RunningProgram(
      "/usr/bin/env",
      ["clang", "-shared", "-fPIC", "\(folder.path)/plugin.c", "-o", "\(folder.path)/plugin.so"])
    let code = try await clang.end()
    try #require(code == 0, "\(clang.output)")
  }

  /// What `omnibus check` says with that library in the configuration.
  private func check(library: String, route: String = "routes: []\n", exitCode: Int32) async throws -> String {
    folder.write("omnibus.yaml", "plugins: [ \(library) ]\n")
    folder.write("Routes/a.yaml", route)
    let program = try RunningProgram(Project.program, ["check", "\(folder.path)/Routes"])
    let code = try await program.end()
    #expect(code == exitCode, "\(program.output)")
    return program.output
  }
}
