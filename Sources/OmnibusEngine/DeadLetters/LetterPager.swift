internal import OmnibusStore

/// Goes through the ids of a selection, a page at a time.
struct LetterPager {
  private static let pageSize = 100

  private let store: any DeadLetterStore
  private let filter: DeadLetterFilter?
  private var page: ArraySlice<String>
  private var last: String?

  /// The ids of `selection`, without letters that failed after `now`, such as those that fail again meanwhile.
  init(_ selection: LetterSelection, in store: any DeadLetterStore, now: Double) {
    self.store = store
    switch selection {
    case .ids(let ids):
      page = ids[...]
      filter = nil
    case .matching(var filter):
      filter.before = min(filter.before ?? .infinity, now.nextUp)
      self.filter = filter
      page = []
    }
  }

  mutating func next() async throws -> String? {
    if page.isEmpty, let filter {
      page = try await store.deadLetters(filter, after: last, limit: Self.pageSize).map(\.id)[...]
      last = page.last ?? last
    }
    return page.popFirst()
  }
}
