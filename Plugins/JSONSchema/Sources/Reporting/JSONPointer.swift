import Omnibus

/// Where a value stands in a document (RFC 6901).
struct JSONPointer {
  /// The longest name that is shown whole, in characters.
  private static let longestName = 64

  /// The names and numbers down to the value.
  private(set) var tokens: [String] = []

  /// The pointer from the value at `root` to that, or to the name, at `target`. A name that `isShown` refuses is `*`.
  init(to target: Int, in view: JSONTapeView, from root: Int, isShown: (String) -> Bool) {
    var index = root
    while index != target {
      let isObject = view.rawKind(index) == 8
      guard isObject || view.rawKind(index) == 7 else { return }
      var (part, place, end) = (view.first(index), 0, view.end(index))
      while part < end {
        let value = isObject ? part + 1 : part
        if target < view.next(value) {
          tokens.append(isObject ? Self.shown(view.string(part), isShown) : "\(place)")
          if target == part, isObject { return }
          index = value
          end = -1
          break
        }
        part = view.next(value)
        place += 1
      }
      guard end < 0 else { return }
    }
  }

  private static func shown(_ name: String, _ isShown: (String) -> Bool) -> String {
    guard isShown(name) else { return "*" }
    guard name.unicodeScalars.count > longestName else { return name }
    return String(String.UnicodeScalarView(name.unicodeScalars.prefix(longestName))) + "…"
  }

  /// The text: `/contacts/0/name`, with control characters replaced.
  var text: String {
    var text = ""
    for token in tokens {
      text += "/"
      for scalar in token.unicodeScalars {
        switch scalar {
        case "~": text += "~0"
        case "/": text += "~1"
        case _ where scalar.properties.generalCategory == .control: text += "\u{FFFD}"
        default: text.unicodeScalars.append(scalar)
        }
      }
    }
    return text
  }
}
