extension Rule {
  /// Rules for splitters.
  static let ofSplitters = [
    sameParts, numbered, badPartsAreParts, brokenStreamThrows, readsAsItGoes, partsBounded, linearParts,
  ]

  static let sameParts = Rule(
    "same-parts", "the parts are the same whether the body is bytes or a stream, and however the stream is cut",
    because: "where the network cuts a body is chance")
  static let numbered = Rule(
    "numbered", "parts are numbered from 1 without gaps, and their lines do not go back",
    because: "error files and ids of messages point at parts by number")
  static let badPartsAreParts = Rule(
    "bad-parts-are-parts", "a body that cannot be read gives bad parts or a failure of kind invalid",
    because: "hostile bodies are no errors of the engine")
  static let brokenStreamThrows = Rule(
    "broken-stream-throws", "where the stream breaks, reading throws, and does not end as if that were all",
    because: "half a file would count as done")
  static let readsAsItGoes = Rule(
    "reads-as-it-goes", "a part is given as soon as it was read, and no more of the stream is read than it takes",
    because: "who stops early must not have read a file of gigabytes")
  static let partsBounded = Rule(
    "parts-bounded", "reading takes memory that does not grow with the body",
    because: "files are larger than the memory")
  static let linearParts = Rule(
    "linear-parts", "the time grows no faster than the body",
    because: "a single line without an end would hold a thread for hours")
}
