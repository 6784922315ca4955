internal import Omnibus
internal import OmnibusAWS
internal import OmnibusHTTP
internal import OmnibusXML

/// The sizes of the parts that an object was uploaded in (Amazon S3 API Reference, "GetObjectAttributes").
enum ObjectParts {
  private static let most = 10_000

  /// The sizes in the order of the parts; none where the store does not tell, or not whoever asks.
  static func sizes(
    of object: FoundObject, _ bucket: S3Bucket, _ context: Context
  ) async throws(Failure) -> [Int] {
    var sizes: [Int] = []
    var marker: String?
    var pages = 0
    repeat {
      pages += 1
      var request = S3Request("GET", object.summary.key, query: [("attributes", "")])
      if let version = object.version { request.query.append(("versionId", version)) }
      request.headers["x-amz-object-attributes"] = "ObjectParts"
      request.headers["x-amz-max-parts"] = "1000"
      request.headers["x-amz-part-number-marker"] = marker
      let response: HTTPClientResponse
      do throws(Failure) {
        response = try await bucket.send(request, context)
      } catch {
        // What passes must not make an object that could be checked one that is not.
        guard let status = error.answered?.status, status < 500 || status == 501, error.kind != .overloaded else {
          throw error
        }
        return []
      }
      // AWS itself does not call it what it says in its reference.
      guard let root = try? response.root("GetObjectAttributesResponse", or: "GetObjectAttributesOutput"),
        let parts = root["ObjectParts"]
      else { return [] }
      for part in parts.children("Part") {
        guard let size = part["Size"].flatMap({ Int($0.text) }), size >= 0 else { return [] }
        sizes.append(size)
      }
      let next = parts["NextPartNumberMarker"]?.text
      marker = parts["IsTruncated"]?.text == "true" && next != marker ? next : nil
    } while marker != nil && pages <= most / 1000
    return sizes.reduce(0, &+) == object.summary.size ? sizes : []
  }
}
