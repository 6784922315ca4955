import Omnibus
import OmnibusHTTP
import OmnibusTesting
import OmnibusXML
import Synchronization

extension ObjectStore {
  /// Does what a request asks for.
  func answer(_ request: StoreRequest, _ etag: String) -> Answer {
    guard request.bucket == Self.bucket else { return .error(404, "NoSuchBucket") }
    return state.withLock { state in
      switch request.action {
      case "list": list(request, state)
      case "get", "head": get(request, state)
      case "put": put(request, etag, &state)
      case "delete": delete(request, &state)
      case "copy": copy(request, &state)
      case "begin": begin(request, &state)
      case "part", "copy part": part(request, etag, &state)
      case "complete": complete(request, &state)
      case "abort": abort(request, &state)
      case "tags": tags(request, state)
      case "attributes": attributes(request, state)
      case "tag": tag(request, &state)
      default: .error(405, "MethodNotAllowed")
      }
    }
  }

  private func list(_ request: StoreRequest, _ state: State) -> Answer {
    let prefix = request.query["prefix"] ?? ""
    let token = request.query["continuation-token"]
    let keys = state.objects.keys
      .filter { key in
        key.utf8.starts(with: prefix.utf8) && (token.map { $0.utf8.lexicographicallyPrecedes(key.utf8) } ?? true)
      }
      .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    let page = keys.prefix(min(state.pageSize, Int(request.query["max-keys"] ?? "") ?? 1000))
    var writer = XMLWriter()
    writer.start("ListBucketResult", [("xmlns", "http://s3.amazonaws.com/doc/2006-03-01/")])
    writer.element("EncodingType", "url")
    writer.element("IsTruncated", page.count < keys.count ? "true" : "false")
    if page.count < keys.count, let last = page.last { writer.element("NextContinuationToken", last) }
    for key in page {
      guard let object = state.objects[key] else { continue }
      writer.start("Contents")
      writer.element("Key", PercentEncoding.encode(key).replacing("%2F", with: "/").replacing("%20", with: "+"))
      writer.element("ETag", object.etag)
      writer.element("Size", "\(object.size)")
      writer.end()
    }
    writer.end()
    return Answer(body: writer.bytes)
  }

  private func get(_ request: StoreRequest, _ state: State) -> Answer {
    guard let object = state.objects[request.key] else { return .error(404, "NoSuchKey") }
    if let tag = request.headers["if-match"], tag != object.etag { return .error(412, "PreconditionFailed") }
    var headers = object.headers
    headers["etag"] = object.etag
    headers["last-modified"] = "Tue, 14 Nov 2023 22:00:00 GMT"
    if !object.tags.isEmpty { headers["x-amz-tagging-count"] = "1" }
    var answer = Answer(200, headers, body: object.bytes ?? [])
    if object.bytes == nil { answer.hole = object.size }
    return answer
  }

  private func put(_ request: StoreRequest, _ etag: String, _ state: inout State) -> Answer {
    if let refusal = refusal(request, state.objects[request.key]) { return refusal }
    var object = object(request, etag)
    object.tags = request.headers["x-amz-tagging"] ?? ""
    state.objects[request.key] = object
    return Answer(200, ["etag": object.etag])
  }

  /// Conditions that do not hold.
  private func refusal(_ request: StoreRequest, _ present: Object?) -> Answer? {
    if request.headers["if-none-match"] == "*", present != nil { return .error(412, "PreconditionFailed") }
    if let tag = request.headers["if-match"], tag != present?.etag {
      return present == nil ? .error(404, "NoSuchKey") : .error(412, "PreconditionFailed")
    }
    return nil
  }

  private func object(_ request: StoreRequest, _ etag: String) -> Object {
    let content = request.content
    return Object(
      bytes: content.isWhole ? content.bytes : nil, size: content.size, etag: etag, headers: stored(request.headers))
  }

  private func stored(_ headers: [String: String]) -> [String: String] {
    headers.filter {
      $0.key.hasPrefix("x-amz-meta-") || $0.key.hasPrefix("x-amz-server-side") || $0.key == "x-amz-storage-class"
        || $0.key == "content-type" || ($0.key.hasPrefix("x-amz-checksum-") && $0.key != "x-amz-checksum-algorithm")
    }
  }

  private func delete(_ request: StoreRequest, _ state: inout State) -> Answer {
    if let tag = request.headers["if-match"], let object = state.objects[request.key], tag != object.etag {
      return .error(412, "PreconditionFailed")
    }
    state.objects[request.key] = nil
    return Answer(204)
  }

  private func origin(_ request: StoreRequest, _ state: State) -> Object? {
    let path = StoreRequest.decoded((request.headers["x-amz-copy-source"] ?? "")[...])
    return state.objects[String(path.dropFirst(Self.bucket.count + 2))]
  }

  private func copy(_ request: StoreRequest, _ state: inout State) -> Answer {
    guard let object = origin(request, state) else { return .error(404, "NoSuchKey") }
    if let tag = request.headers["x-amz-copy-source-if-match"], tag != object.etag {
      return .error(412, "PreconditionFailed")
    }
    state.objects[request.key] = object
    return Answer(body: Array("<CopyObjectResult><ETag>\(object.etag)</ETag></CopyObjectResult>".utf8))
  }

  private func begin(_ request: StoreRequest, _ state: inout State) -> Answer {
    state.count += 1
    state.uploads["upload-\(state.count)"] = Upload(key: request.key, headers: request.headers)
    let id = "<UploadId>upload-\(state.count)</UploadId>"
    return Answer(body: Array("<InitiateMultipartUploadResult>\(id)</InitiateMultipartUploadResult>".utf8))
  }

  private func part(_ request: StoreRequest, _ etag: String, _ state: inout State) -> Answer {
    let id = request.query["uploadId"] ?? ""
    guard state.uploads[id] != nil, let number = Int(request.query["partNumber"] ?? "") else {
      return .error(404, "NoSuchUpload")
    }
    guard request.action == "copy part" else {
      state.uploads[id]?.parts[number] = object(request, etag)
      return Answer(200, ["etag": etag])
    }
    let range = (request.headers["x-amz-copy-source-range"] ?? "").dropFirst(6).split(separator: "-").compactMap {
      Int($0)
    }
    guard let object = origin(request, state), range.count == 2, range[1] < object.size else {
      return .error(400, "InvalidArgument")
    }
    let bytes = object.bytes.map { Array($0[range[0]...range[1]]) }
    state.uploads[id]?.parts[number] = Object(bytes: bytes, size: range[1] - range[0] + 1, etag: "\"copied\"")
    return Answer(body: Array("<CopyPartResult><ETag>\"copied\"</ETag></CopyPartResult>".utf8))
  }

  private func complete(_ request: StoreRequest, _ state: inout State) -> Answer {
    let id = request.query["uploadId"] ?? ""
    guard let upload = state.uploads[id], upload.key == request.key else { return .error(404, "NoSuchUpload") }
    if let refusal = refusal(request, state.objects[request.key]) { return refusal }
    guard let list = try? XMLDocument(parsing: request.content.bytes).root else { return .error(400, "MalformedXML") }
    var whole = Object(bytes: [], size: 0, etag: "", headers: stored(upload.headers))
    var numbers: [Int] = []
    for entry in list.children("Part") {
      guard let number = Int(entry["PartNumber"]?.text ?? ""), let part = upload.parts[number],
        entry["ETag"]?.text == part.etag
      else { return .error(400, "InvalidPart") }
      numbers.append(number)
      whole.bytes = part.bytes.flatMap { bytes in whole.bytes.map { $0 + bytes } }
      whole.size += part.size
    }
    guard numbers == Array(1...max(numbers.count, 1)) else { return .error(400, "InvalidPartOrder") }
    whole.etag = "\"\(id)-\(numbers.count)\""
    whole.tags = upload.headers["x-amz-tagging"] ?? ""
    if let sum = request.headers["x-amz-checksum-crc32c"] { whole.headers["x-amz-checksum-crc32c"] = sum }
    state.objects[request.key] = whole
    state.uploads[id] = nil
    return Answer(
      body: Array(
        "\n  <CompleteMultipartUploadResult><ETag>\(whole.etag)</ETag></CompleteMultipartUploadResult>".utf8))
  }

  private func abort(_ request: StoreRequest, _ state: inout State) -> Answer {
    state.uploads.removeValue(forKey: request.query["uploadId"] ?? "") == nil
      ? .error(404, "NoSuchUpload") : Answer(204)
  }

  /// Two parts a page.
  private func attributes(_ request: StoreRequest, _ state: State) -> Answer {
    guard let object = state.objects[request.key] else { return .error(404, "NoSuchKey") }
    let marker = Int(request.headers["x-amz-part-number-marker"] ?? "") ?? 0
    let page = object.partSizes.enumerated().dropFirst(marker).prefix(2)
    var writer = XMLWriter()
    writer.start("GetObjectAttributesResponse")
    writer.start("ObjectParts")
    writer.element("IsTruncated", marker + 2 < object.partSizes.count ? "true" : "false")
    writer.element("NextPartNumberMarker", "\(marker + page.count)")
    for (place, size) in page {
      writer.start("Part")
      writer.element("PartNumber", "\(place + 1)")
      writer.element("Size", "\(size)")
      writer.end()
    }
    writer.end()
    writer.end()
    return Answer(body: writer.bytes)
  }

  private func tags(_ request: StoreRequest, _ state: State) -> Answer {
    guard let object = state.objects[request.key] else { return .error(404, "NoSuchKey") }
    var writer = XMLWriter()
    writer.start("Tagging")
    writer.start("TagSet")
    for pair in object.tags.split(separator: "&") {
      let sides = pair.split(separator: "=", omittingEmptySubsequences: false)
      writer.start("Tag")
      writer.element("Key", StoreRequest.decoded(sides[0]))
      writer.element("Value", StoreRequest.decoded(sides[1]))
      writer.end()
    }
    writer.end()
    writer.end()
    return Answer(body: writer.bytes)
  }

  private func tag(_ request: StoreRequest, _ state: inout State) -> Answer {
    guard state.objects[request.key] != nil, let root = try? XMLDocument(parsing: request.content.bytes).root,
      request.headers["content-md5"] != nil, let set = root["TagSet"]
    else { return .error(400, "MalformedXML") }
    state.objects[request.key]?.tags = set.children("Tag").map {
      "\(PercentEncoding.encode($0["Key"]?.text ?? ""))=\(PercentEncoding.encode($0["Value"]?.text ?? ""))"
    }.joined(separator: "&")
    return Answer()
  }
}
