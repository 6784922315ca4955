import Testing

@testable import OmnibusAWS

@Suite struct PlaceholderTests {}
