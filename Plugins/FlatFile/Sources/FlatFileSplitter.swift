import Omnibus

/// Cuts a flat file into its records.
struct FlatFileSplitter: Splitter {
  let layout: Layout

  func parts(of body: Body, headers: Headers, _ context: Context) throws(Failure) -> any PartReader {
    switch body {
    case .bytes, .stream: FlatFileReader(body, layout)
    case .empty: FlatFileReader(.bytes([]), layout)
    case .document: throw Failure(.invalid, "the body is decoded already, expected the bytes of a flat file")
    }
  }
}
