import Omnibus

/// The parts of timestamps and durations (cel-spec, "Timestamp and duration accessors").
enum TimeFunctions {
  static let all: [Function] = calendarParts + clockParts + milliseconds

  private static let calendarParts: [Function] =
    calendar("getFullYear") { Int64($0.year) } + calendar("getMonth") { Int64($0.month - 1) }
    + calendar("getDate") { Int64($0.day) } + calendar("getDayOfMonth") { Int64($0.day - 1) }
    + calendar("getDayOfWeek") { Int64($0.weekday) } + calendar("getDayOfYear") { Int64($0.dayOfYear) }

  private static let clockParts: [Function] =
    clock("getHours", { Int64($0.hour) }, { $0.components.seconds / 3600 })
    + clock("getMinutes", { Int64($0.minute) }, { $0.components.seconds / 60 })
    + clock("getSeconds", { Int64($0.second) }, { $0.components.seconds })

  private static let milliseconds: [Function] = [
    .member(
      "getMilliseconds", [[.timestamp] => .int, [.duration] => .int],
      .unary { value, _ throws(Fault) in
        if case .duration(let duration) = value {
          return .int(duration.components.attoseconds / 1_000_000_000_000_000)
        }
        return .int(Int64(try value.asTimestamp().nanoseconds) / 1_000_000)
      }),
    .member(
      "getMilliseconds", [[.timestamp, .string] => .int],
      .binary { value, zone, _ throws(Fault) in
        let time = try value.asTimestamp()
        _ = try TimeZoneOffset.seconds(try zone.asString(), at: time)
        return .int(Int64(time.nanoseconds) / 1_000_000)
      }),
  ]

  private static func calendar(_ name: String, _ part: @escaping @Sendable (CivilTime) -> Int64) -> [Function] {
    [
      .member(
        name, [[.timestamp] => .int],
        .unary { value, _ throws(Fault) in .int(part(CivilTime(try value.asTimestamp().seconds))) }),
      zoned(name, part),
    ]
  }

  private static func clock(
    _ name: String, _ part: @escaping @Sendable (CivilTime) -> Int64,
    _ whole: @escaping @Sendable (Duration) -> Int64
  ) -> [Function] {
    [
      .member(
        name, [[.timestamp] => .int, [.duration] => .int],
        .unary { value, _ throws(Fault) in
          if case .duration(let duration) = value { return .int(whole(duration)) }
          return .int(part(CivilTime(try value.asTimestamp().seconds)))
        }),
      zoned(name, part),
    ]
  }

  private static func zoned(_ name: String, _ part: @escaping @Sendable (CivilTime) -> Int64) -> Function {
    .member(
      name, [[.timestamp, .string] => .int],
      .binary { value, zone, _ throws(Fault) in
        let time = try value.asTimestamp()
        let offset = try TimeZoneOffset.seconds(try zone.asString(), at: time)
        return .int(part(CivilTime(time.seconds, offset: offset)))
      })
  }
}
