extension Value {
  /// Sets what is at `path`, copying only the containers on the way. Objects that are absent or null on the way are
  /// made; an index may be one past the end, which appends. Fails with kind `invalid` where a step does not fit what is
  /// there.
  public mutating func set(_ path: JSONPath, to value: Value) throws(Failure) {
    try set(path.steps[...], of: path, to: value)
  }

  /// Removes what is at `path`; elements behind it move up. Nothing happens where nothing is there.
  public mutating func remove(_ path: JSONPath) {
    guard !path.isEmpty, at(path) != nil else { return }
    remove(path.steps[...])
  }

  /// What is at `path`; nil where nothing is.
  public func at(_ path: JSONPath) -> Value? {
    var value = self
    for step in path.steps {
      guard let inner = value.child(step) else { return nil }
      value = inner
    }
    return value
  }

  private func child(_ step: JSONPath.Step) -> Value? {
    switch (step, self) {
    case (.name(let name), _): member(name)
    case (.index(let index), .list(let list)): list.indices.contains(index) ? list[index] : nil
    case (.index(let index), .json(let node)): node.element(index).map(Value.json)
    default: nil
    }
  }

  /// Turns the outermost container of a JSON text into a list or map of places.
  private mutating func open() {
    guard case .json(let node) = self else { return }
    switch node.kind {
    case .object:
      var map = ValueMap()
      node.forEachMember { map.append(uniqueKey: .string($0), .json($1)) }
      self = .map(map)
    case .array:
      var list: [Value] = []
      list.reserveCapacity(node.count)
      node.forEachElement { list.append(.json($0)) }
      self = .list(list)
    case .null: self = .null
    default: break
    }
  }

  /// Leaves everything as it was where it throws. What is edited is taken out of its container meanwhile, so that its
  /// storage has one owner and is not copied.
  private mutating func set(_ steps: ArraySlice<JSONPath.Step>, of path: JSONPath, to value: Value) throws(Failure) {
    guard let step = steps.first else {
      self = value
      return
    }
    let rest = steps.dropFirst()
    open()
    switch step {
    case .name(let name):
      if case .null = self { self = .map(ValueMap()) }
      guard case .map(var map) = self else { throw mismatch(step, at: path, rest: rest) }
      self = .null
      defer { self = .map(map) }
      let present = map[name]
      var inner = present ?? .null
      let isNew = present == nil
      map[name] = .null
      do throws(Failure) {
        try inner.set(rest, of: path, to: value)
        map[name] = inner
      } catch {
        map[name] = isNew ? nil : inner
        throw error
      }
    case .index(let index):
      guard case .list(var list) = self, index <= list.count else { throw mismatch(step, at: path, rest: rest) }
      self = .null
      defer { self = .list(list) }
      let isNew = index == list.count
      if isNew { list.append(.null) }
      do throws(Failure) {
        try list[index].set(rest, of: path, to: value)
      } catch {
        if isNew { list.removeLast() }
        throw error
      }
    }
  }

  private func mismatch(_ step: JSONPath.Step, at path: JSONPath, rest: ArraySlice<JSONPath.Step>) -> Failure {
    let place = JSONPath.text(of: path.steps.dropLast(rest.count + 1))
    let found = "\(place.isEmpty ? "the value" : place) is \(kindName)"
    let detail =
      switch (step, self) {
      case (.index(let index), .list(let list)): "\(found) of \(list.count), which has no place for index \(index)"
      case (.index, _): "\(found), and an index needs a list"
      case (.name, _): "\(found), and a name needs a map"
      }
    return Failure(.invalid, "cannot set \(path): \(detail)")
  }

  private mutating func remove(_ steps: ArraySlice<JSONPath.Step>) {
    guard let step = steps.first else { return }
    let rest = steps.dropFirst()
    open()
    switch step {
    case .name(let name):
      guard case .map(var map) = self, var inner = map[name] else { return }
      self = .null
      defer { self = .map(map) }
      map[name] = rest.isEmpty ? nil : .null
      if rest.isEmpty { return }
      inner.remove(rest)
      map[name] = inner
    case .index(let index):
      guard case .list(var list) = self, list.indices.contains(index) else { return }
      self = .null
      defer { self = .list(list) }
      if rest.isEmpty { list.remove(at: index) } else { list[index].remove(rest) }
    }
  }
}
