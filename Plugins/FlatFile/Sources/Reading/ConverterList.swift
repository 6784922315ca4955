/// Converters for the lines of all types of records, at fixed places in memory.
struct ConverterList: ~Copyable {
  private let converters: UnsafeMutableBufferPointer<RecordConverter>

  /// Converters for lines with the columns of each of `bindings`.
  init(_ bindings: [Binding], _ dialect: Dialect) {
    converters = .allocate(capacity: bindings.count)
    for (place, binding) in bindings.enumerated() {
      converters.initializeElement(at: place, to: RecordConverter(binding, dialect))
    }
  }

  deinit {
    converters.deinitialize()
    converters.deallocate()
  }

  subscript(_ place: Int) -> UnsafeMutablePointer<RecordConverter> {
    guard let start = converters.baseAddress else { preconditionFailure("a list of no converters is never asked") }
    return start + place
  }
}
