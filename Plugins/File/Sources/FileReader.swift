internal import Omnibus
internal import OmnibusReactor

/// Makes a message of a file. A file that changes while it is read was not complete, and fails.
struct FileReader: Sendable {
  let path: String
  let streamAbove: Int
  let blocking: BlockingExecutor

  /// The message for the file in the state in which it was found.
  func message(for taken: TakenFile) async throws -> Message {
    let status = taken.status
    let file: OpenFile
    do throws(SystemError) { file = try taken.opened.get() } catch {
      throw Failure(file: error, "cannot read the file")
    }
    var message = Message()
    message.headers.append("file-name", status.name)
    message.headers.append("content-type", FileContentTypes.type(for: status.name) ?? "application/octet-stream")
    message.properties["file"] = .map(
      ValueMap([
        ("name", .string(status.name)), ("path", .string("\(path)/\(status.name)")), ("size", .int(Int64(status.size))),
        ("modified", .timestamp(status.modified)),
      ]))
    message.body = status.size > streamAbove ? .stream(stream(file, status)) : .bytes(try await all(of: file, status))
    return message
  }

  private func all(of file: OpenFile, _ status: FileStatus) async throws -> [UInt8] {
    let bytes = try await onThread { () throws(SystemError) -> [UInt8] in
      // One byte more than there should be tells a file that grew.
      var bytes = try file.read(status.size + 1)
      while !bytes.isEmpty, bytes.count < status.size {
        let more = try file.read(status.size + 1 - bytes.count)
        if more.isEmpty { break }
        bytes += more
      }
      return bytes
    }
    try check(file, status, read: bytes.count)
    return bytes
  }

  private func stream(_ file: OpenFile, _ status: FileStatus) -> BodyStream {
    let pieces = FilePieces(file, blocking)
    return BodyStream(length: status.size) {
      let piece: [UInt8]
      do { piece = try await pieces.next() } catch let error as SystemError {
        throw Failure(file: error, "cannot read the file")
      }
      guard piece.isEmpty else { return piece }
      try check(file, status, read: pieces.count)
      return nil
    }
  }

  private func check(_ file: OpenFile, _ status: FileStatus, read: Int) throws(Failure) {
    guard read == status.size, file.status(name: status.name) == status else {
      throw Failure(.invalid, "the file changed while it was read")
    }
  }

  private func onThread<Result: Sendable>(
    _ body: @escaping @Sendable () throws(SystemError) -> Result
  ) async throws -> Result {
    do {
      return try await blocking.run(body)
    } catch let error as SystemError {
      throw Failure(file: error, "cannot read the file")
    }
  }
}
