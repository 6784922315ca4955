import Testing

@testable import QueuePlugin
