import Testing

@testable import OmnibusCrypto
