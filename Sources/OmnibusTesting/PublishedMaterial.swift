internal import Foundation

/// Published test suites, in the folder that the environment variable `OMNIBUS_MATERIAL` names. They are no part of the
/// project: tests that need one are skipped where it is not there.
///
/// ```swift
/// @Test("…", .enabled(if: PublishedMaterial("csv-spectrum").isPresent, "skipped: not present"))
/// ```
public struct PublishedMaterial: Sendable {
  /// The path of the suite's folder; nil where there is none.
  public let path: String?

  /// The suite in the folder `name`.
  public init(_ name: String) {
    path = ProcessInfo.processInfo.environment["OMNIBUS_MATERIAL"]
      .map { "\($0)/\(name)" }
      .flatMap { FileManager.default.fileExists(atPath: $0) ? $0 : nil }
  }

  /// Whether the suite is there.
  public var isPresent: Bool { path != nil }

  /// The names of the files in `folder` of the suite, sorted.
  public func files(in folder: String = ".") throws -> [String] {
    guard let path else { return [] }
    return try FileManager.default.contentsOfDirectory(atPath: "\(path)/\(folder)").sorted()
  }

  /// The bytes of a file of the suite.
  public func bytes(of file: String) throws -> [UInt8] {
    guard let path else { return [] }
    return [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(file)")))
  }
}
