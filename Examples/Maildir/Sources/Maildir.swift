import Foundation
import Omnibus

/// A folder of mail, a file a message (https://cr.yp.to/proto/maildir.html): what is new lies in `new`, what was seen in
/// `cur`; what is being written lies in `tmp`, where no reader looks.
struct Maildir: Sendable {
  let path: String

  /// The Maildir at `directory`; a relative path starts at the folder of the routes file.
  init(_ directory: String, _ context: Context) {
    path = directory.hasPrefix("/") ? directory : "\(context.directory)/\(directory)"
  }

  /// Makes the folders that are missing.
  func create() throws {
    for folder in ["tmp", "new", "cur"] {
      try FileManager.default.createDirectory(atPath: "\(path)/\(folder)", withIntermediateDirectories: true)
    }
  }

  /// The names of the new messages, in the order in which they came.
  func newNames() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "\(path)/new").filter { !$0.hasPrefix(".") }.sorted()
  }

  /// The bytes of a new message, of which there may be at most `limit`.
  func read(_ name: String, limit: Int) throws -> [UInt8] {
    let file = try FileHandle(forReadingFrom: URL(filePath: "\(path)/new/\(name)"))
    let data = try file.read(upToCount: limit + 1) ?? Data()
    guard data.count <= limit else { throw Failure(.invalid, "the mail has more than \(limit) bytes") }
    return Array(data)
  }

  /// Takes a message out of the new ones: as seen, or as flagged for somebody to look at.
  func settle(_ name: String, isFlagged: Bool) throws {
    let seen = "\(path)/cur/\(name):2,\(isFlagged ? "F" : "S")"
    try FileManager.default.moveItem(atPath: "\(path)/new/\(name)", toPath: seen)
  }

  /// Adds a message; it is on the disk when this returns, and no reader has seen a part of it.
  func deliver(_ bytes: [UInt8]) throws {
    try create()
    let name = "\(Int(Date().timeIntervalSince1970)).\(UUID().uuidString).omnibus"
    let draft = URL(filePath: "\(path)/tmp/\(name)")
    try Data().write(to: draft)
    let file = try FileHandle(forWritingTo: draft)
    try file.write(contentsOf: bytes)
    try file.synchronize()
    try file.close()
    try FileManager.default.moveItem(atPath: draft.path, toPath: "\(path)/new/\(name)")
    // The contents are on the disk; so must be the name.
    let folder = try FileHandle(forReadingFrom: URL(filePath: "\(path)/new"))
    try folder.synchronize()
    try folder.close()
  }
}
