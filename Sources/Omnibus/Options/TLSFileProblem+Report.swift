internal import OmnibusReactor

extension TLSFileProblem {
  /// Reports the problem at the scalar of `node` that names the file.
  func report(_ node: Node, in scope: LoadScope) {
    let place = Self.place(of: file, in: node, scope.directory)
    let name = place?.text ?? file
    scope.report("unusable-file", at: place?.location ?? node.location, "\(scope.subject): \(name) \(reason)")
  }

  private static func place(of file: String, in node: Node, _ directory: String) -> Node? {
    switch node.value {
    case .scalar(let text, _): RelativePath.resolve(text, in: directory) == file ? node : nil
    case .sequence(let nodes): nodes.lazy.compactMap { place(of: file, in: $0, directory) }.first
    case .mapping(let entries): entries.lazy.compactMap { place(of: file, in: $0.value, directory) }.first
    }
  }
}
