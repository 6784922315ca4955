internal import CXML2

/// Reads one document by libxml2's events, within limits.
struct XMLReading {
  private let limits: XMLLimits

  init(_ limits: XMLLimits) { self.limits = limits }

  /// Nothing is ever loaded from outside, whatever a document names.
  private static let isReady: Bool = {
    xmlInitParser()
    xmlSetExternalEntityLoader { _, _, _ in nil }
    return true
  }()

  func read(_ bytes: [UInt8]) throws(XMLProblem) -> XMLTree {
    guard bytes.count <= min(limits.bytes, Int(Int32.max)) else {
      throw XMLProblem(kind: .tooLarge("more than \(limits.bytes) bytes"), line: 0)
    }
    let result: Result<XMLTree, XMLProblem> = bytes.withUnsafeBytes { bytes in
      guard Self.isReady, let start = bytes.bindMemory(to: CChar.self).baseAddress,
        let parser = xmlCreateMemoryParserCtxt(start, Int32(bytes.count))
      else { return .failure(XMLProblem(kind: .malformed, line: 0)) }
      defer { xmlFreeParserCtxt(parser) }
      return read(with: parser)
    }
    return try result.get()
  }

  private func read(with parser: xmlParserCtxtPtr) -> Result<XMLTree, XMLProblem> {
    let builder = XMLBuilder(limits, parser)
    return withExtendedLifetime(builder) {
      parser.pointee.sax.pointee = Self.handler
      parser.pointee.userData = Unmanaged.passUnretained(builder).toOpaque()
      xmlCtxtUseOptions(parser, Int32(XML_PARSE_NONET.rawValue))
      let isRead = xmlParseDocument(parser) == 0 && parser.pointee.wellFormed == 1 && parser.pointee.nsWellFormed == 1
      if let problem = builder.problem { return .failure(problem) }
      guard isRead, !builder.tree.nodes.isEmpty else {
        return .failure(XMLProblem(kind: .malformed, line: max(0, Int(parser.pointee.lastError.line))))
      }
      return .success(builder.tree)
    }
  }

  /// Events that no tree is made of have no handler, nor have errors: the context keeps the last one.
  private static var handler: xmlSAXHandler {
    var handler = xmlSAXHandler()
    handler.initialized = XML_SAX2_MAGIC
    handler.internalSubset = { builder, _, _, _ in builder.map(of)?.stop(.documentType) }
    handler.startElementNs = { builder, local, _, namespace, declared, _, attributes, _, values in
      guard let builder, let local else { return }
      of(builder).start(local, namespace, declared: Int(declared), attributes: Int(attributes), values)
    }
    handler.endElementNs = { builder, _, _, _ in builder.map(of)?.end() }
    // The same function for both, by which libxml2 knows that no space is to be left out.
    handler.characters = takeCharacters
    handler.ignorableWhitespace = takeCharacters
    handler.cdataBlock = takeCharacters
    return handler
  }
}

private func of(_ builder: UnsafeMutableRawPointer) -> XMLBuilder {
  Unmanaged<XMLBuilder>.fromOpaque(builder).takeUnretainedValue()
}

private func takeCharacters(_ builder: UnsafeMutableRawPointer?, _ bytes: UnsafePointer<xmlChar>?, _ count: Int32) {
  guard let builder, let bytes else { return }
  of(builder).characters(UnsafeBufferPointer(start: bytes, count: Int(count)))
}
