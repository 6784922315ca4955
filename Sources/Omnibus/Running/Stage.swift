extension Block {
  /// One step of a block, with the context that it is run in.
  public struct Stage: Sendable {
    /// How the step is run.
    public enum Work: Sendable {
      /// A step that never waits.
      case transformer(any Transformer)
      /// A step that may wait.
      case step(any Step)
      /// A step inside middleware.
      case wrapped(Handler)
    }

    let work: Work
    let component: String
    let context: Context
    let isOneWay: Bool
    let readsBody: Bool
    let spanKind: Span.Origin.Kind

    /// A stage; `component` names it in failures. One that `isOneWay` leaves nothing to reply with when it is the last;
    /// one that `readsBody` has expressions that read the body, which is decoded for it. Traces show it as `spanKind`.
    public init(
      _ work: Work, component: String, context: Context, isOneWay: Bool = false, readsBody: Bool = false,
      spanKind: Span.Origin.Kind = .internal
    ) {
      self.work = work
      self.component = component
      self.context = context
      self.isOneWay = isOneWay
      self.readsBody = readsBody
      self.spanKind = spanKind
    }
  }
}

extension Block.Stage.Work {
  /// The work as a handler that middleware can wrap.
  package var handler: Handler {
    switch self {
    case .wrapped(let handler): handler
    case .step(let step): Handler { message, context in try await step.process(&message, context) }
    case .transformer(let transformer):
      Handler { message, context in
        if message.body.isLarge {
          try await message.aside(context) { message in
            Result { try transformer.transform(&message, context) }
          }.get()
        } else {
          try transformer.transform(&message, context)
        }
        return .next
      }
    }
  }
}
