/// One option of a component: see `Options`.
@propertyWrapper
public struct Option<Value: OptionValue>: Sendable {
  // The only thing in it: `DeclaredOptions` finds it by that.
  private let typed: TypedOptionCell<Value>

  /// What was written, else the default.
  public var wrappedValue: Value {
    get {
      guard let value = typed.value else { preconditionFailure("a required option was read before it was decoded") }
      return value
    }
    nonmutating set { typed.value = newValue }
  }

  /// An option with a default. `default` says it in words where the value itself does not read well.
  public init(
    wrappedValue: Value, help: String, name: String? = nil, default text: OptionDefault? = nil,
    check: (@Sendable (Value) -> String?)? = nil
  ) {
    typed = TypedOptionCell(wrappedValue, name: name, help: help, default: text, check: check)
  }

  /// An option that must be written. `check` answers what is wrong with a value, nil for nothing.
  public init(help: String, name: String? = nil, check: (@Sendable (Value) -> String?)? = nil) {
    typed = TypedOptionCell(nil, name: name, help: help, default: nil, check: check)
  }

  /// An option with a default and bounds.
  public init(wrappedValue: Value, help: String, name: String? = nil, range: ClosedRange<Value>)
  where Value: Comparable {
    typed = TypedOptionCell(
      wrappedValue, name: name, help: help, default: nil, range: OptionRange(range), check: nil)
  }
}

/// An option of whatever type.
protocol AnyOption {
  var cell: OptionCell { get }
}

extension Option: AnyOption {
  var cell: OptionCell { typed }
}
