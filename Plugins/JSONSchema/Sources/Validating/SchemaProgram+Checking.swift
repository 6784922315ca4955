import Omnibus

extension SchemaProgram {
  /// How many schemas a value may be held against: so many for any, and so many for each word of its tape.
  private static let work = (base: 500_000, each: 500)

  /// What is wrong with the value at `root` of a text: nothing where it is valid.
  func check(_ text: JSONText, root: Int) -> (problems: [Validator.Problem], excess: Validator.Excess?) {
    let view = JSONTapeView(text)
    let words = view.next(root) - root
    return nodes.withUnsafeBufferPointer { nodes in
      code.withUnsafeBufferPointer { code in
        // A program has a node and an instruction at the least.
        guard let nodes = nodes.baseAddress, let code = code.baseAddress else { return ([], nil) }
        func run(isCollecting: Bool) -> (isValid: Bool, problems: [Validator.Problem], excess: Validator.Excess?) {
          var validator = Validator(
            self, view, nodes, code, work: Self.work.base + Self.work.each * words, isCollecting: isCollecting)
          let isValid = validator.isValid(self.root, root, -1)
          return (isValid, validator.problems, validator.excess)
        }
        let first = run(isCollecting: false)
        guard first.excess == nil, !first.isValid else { return ([], first.excess) }
        let second = run(isCollecting: true)
        return (second.problems, second.problems.isEmpty ? second.excess ?? .work : nil)
      }
    }
  }
}
