import Testing

@testable import RabbitMQPlugin

@Suite struct PlaceholderTests {}
