/// What is measured of a message beside what is counted of all; empty for most.
package struct MessageWatch: OptionSet, Sendable {
  package let rawValue: UInt8

  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// How long each step takes is measured: one message in `period` of each route and reactor.
  package static let timed = MessageWatch(rawValue: 1)
  /// Each step is a span of its trace.
  package static let traced = MessageWatch(rawValue: 2)

  /// Of how many messages one is timed. A power of two.
  package static let period = 16
}
