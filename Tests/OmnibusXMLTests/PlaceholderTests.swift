import Testing

@testable import OmnibusXML

@Suite struct PlaceholderTests {}
