import Testing

@testable import S3Plugin

@Suite struct PlaceholderTests {}
