/// What an engine lends its components out of libraries that stand above this module, such as the store: one object of
/// each type.
public struct Services: Sendable {
  private var objects: [ObjectIdentifier: any Sendable] = [:]

  /// Nothing.
  public init() {}

  /// Whether there is nothing.
  public var isEmpty: Bool { objects.isEmpty }

  /// The object of a type; nil where the engine has none.
  public subscript<Service: Sendable>(_ type: Service.Type) -> Service? {
    // The key is the object's type, so the cast holds for all that was set.
    get { objects[ObjectIdentifier(type)] as? Service }
    set { objects[ObjectIdentifier(type)] = newValue }
  }
}
