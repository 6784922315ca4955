public import Omnibus

extension Plugin {
  /// Objects of Amazon S3 and of stores that speak its protocol.
  public static let s3 = Plugin(name: "s3", version: "0.1.0", components: [])
}
