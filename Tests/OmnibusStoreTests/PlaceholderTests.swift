import Testing

@testable import OmnibusStore
