public import Omnibus
internal import OmnibusStore

/// Where the engine keeps what outlives it: `data` of `omnibus.yaml`.
public struct DataOptions: Options {
  /// The folder; a relative path starts at the folder of `omnibus.yaml`.
  @Option(
    help:
      "the folder of queues, dead letters, keys and generations; a relative path starts at the folder of omnibus.yaml",
    check: { $0.isEmpty || $0.utf8.contains(0) ? "names no folder" : nil })
  public var directory: String = "data"

  /// The key that seals what is kept; nil for none.
  @Option(
    help: "seals messages that are kept: 32 bytes, as base64 or hexadecimal digits", default: "messages are not sealed",
    check: {
      $0.map { StoreKey.parse($0.reveal) != nil } ?? true ? nil : "must be 32 bytes, as base64 or 64 hexadecimal digits"
    })
  public var key: Secret? = nil

  /// The defaults.
  public init() {}

  /// Where the folder is, for an `omnibus.yaml` in `configuration`.
  public func directory(from configuration: String) -> String {
    directory.hasPrefix("/") ? directory : "\(configuration)/\(directory)"
  }

  /// The 32 bytes of the key; nil where there is none.
  public var keyBytes: [UInt8]? { key.flatMap { StoreKey.parse($0.reveal) } }
}
