import Testing

@testable import SQSPlugin

@Suite struct PlaceholderTests {}
