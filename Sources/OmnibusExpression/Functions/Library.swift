/// All functions, by name.
struct Library: Sendable {
  /// The functions of this program.
  static let standard = Library(
    StandardFunctions.all + ConversionFunctions.all + TimeFunctions.all + StringFunctions.all + MathFunctions.all
      + OptionalFunctions.all + EncoderFunctions.all + EngineFunctions.all)

  private let members: [String: [Function]]
  private let globals: [String: [Function]]

  private init(_ functions: [Function]) {
    members = Dictionary(grouping: functions.filter(\.isMember), by: \.name)
    globals = Dictionary(grouping: functions.filter { !$0.isMember }, by: \.name)
  }

  /// The functions of that name that are written that way; empty where there are none.
  func named(_ name: String, isMember: Bool) -> [Function] { (isMember ? members : globals)[name] ?? [] }

  /// The names that can be called that way, for suggestions.
  func names(isMember: Bool) -> [String] { Array((isMember ? members : globals).keys) }
}
