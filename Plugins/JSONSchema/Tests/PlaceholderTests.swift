import Testing

@testable import JSONSchemaPlugin

@Suite struct PlaceholderTests {}
