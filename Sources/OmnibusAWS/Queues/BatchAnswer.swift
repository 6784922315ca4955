internal import Omnibus

/// The answer to an action on several entries, of which each has an outcome of its own.
enum BatchAnswer {
  /// The outcome of each entry, by its number as its id; an entry that the answer does not name has an unknown one, and
  /// what it says of others is passed over.
  static func outcomes(_ answer: JSONNode, count: Int) -> [Result<JSONNode, Failure>] {
    let unknown = Failure(.outcomeUnknown, "sqs did not answer what became of an entry")
    var outcomes = [Result<JSONNode, Failure>](repeating: .failure(unknown), count: count)
    answer.member("Successful")?.forEachElement { entry in
      guard let place = place(entry, count) else { return }
      outcomes[place] = .success(entry)
    }
    answer.member("Failed")?.forEachElement { entry in
      guard let place = place(entry, count) else { return }
      // A fault that is not the sender's is one of the service.
      let isSenders = entry.member("SenderFault")?.kind == .true
      let error = AWSServiceError(code: entry.member("Code")?.string ?? "", status: isSenders ? 400 : 500)
      outcomes[place] = .failure(error.failure(service: "sqs"))
    }
    return outcomes
  }

  private static func place(_ entry: JSONNode, _ count: Int) -> Int? {
    guard let place = entry.member("Id")?.string.flatMap({ Int($0) }), 0..<count ~= place else { return nil }
    return place
  }
}
