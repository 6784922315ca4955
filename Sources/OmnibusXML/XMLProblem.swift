/// Why a document was not read. Nothing of the document is told but the line.
public struct XMLProblem: Error, Equatable, CustomStringConvertible {
  /// What sort of problem it is.
  public enum Kind: Sendable, Equatable {
    /// It is no well-formed XML 1.0 with namespaces, or it ends too early.
    case malformed
    /// It has a document type declaration, which could make it refer to files or grow without bounds.
    case documentType
    /// It is beyond a limit, which the text names.
    case tooLarge(String)
  }

  /// What sort of problem it is.
  public let kind: Kind
  /// Where it was found, counted from 1; 0 where that is not known.
  public let line: Int

  /// For errors: `the XML is not well-formed at line 3`.
  public var description: String {
    let place = line > 0 ? " at line \(line)" : ""
    return switch kind {
    case .malformed: "the XML is not well-formed" + place
    case .documentType: "the XML has a document type declaration\(place), expected none"
    case .tooLarge(let what): "the XML has \(what)" + place
    }
  }
}
