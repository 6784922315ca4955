import Testing

@testable import DeliveryPlugin
