import Testing

@testable import OmnibusAdmin
