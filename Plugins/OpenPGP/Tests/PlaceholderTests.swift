import Testing

@testable import OpenPGPPlugin

@Suite struct PlaceholderTests {}
