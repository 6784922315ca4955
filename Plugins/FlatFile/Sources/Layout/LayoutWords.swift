import Omnibus

/// How the fields of a file are told apart.
enum FileForm: String, OptionEnum {
  case delimited
  case fixedWidth = "fixed_width"
}

/// How a character that means something is taken as text.
enum EscapeStyle: String, OptionEnum {
  /// Only by quotes around the field; a quote is doubled.
  case none
  /// By a backslash before it, too.
  case backslash
}

/// What ends each record that is written.
enum LineEnding: String, OptionEnum {
  case lf, crlf, none

  /// The bytes, in ASCII.
  var bytes: [UInt8] {
    switch self {
    case .lf: [0x0A]
    case .crlf: [0x0D, 0x0A]
    case .none: []
    }
  }
}

/// What becomes of bytes that stand for no character.
enum InvalidCharacters: String, OptionEnum {
  case refuse, replace
}

/// What becomes of a record that ends before its last column.
enum ShortRecords: String, OptionEnum {
  case refuse, pad
}

/// What becomes of a record that goes on behind its last column.
enum LongRecords: String, OptionEnum {
  case refuse, ignore
}

/// In which order records of several types come.
enum RecordOrder: String, OptionEnum {
  case listed, any
}

/// Where blanks are dropped.
enum TrimSide: String, OptionEnum {
  case none, left, right, both
}

/// At which side of its width a text stands.
enum Alignment: String, OptionEnum {
  case left, right
}
