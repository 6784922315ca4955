/// The names that queues of SQS can have.
public enum QueueName {
  /// What is wrong with a name or an address; nil for nothing.
  @Sendable public static func problem(_ name: String) -> String? {
    if name.contains("://") {
      return AWSEndpoint(name) == nil
        ? "is no address of a queue: http or https, a host, no user and no parameters" : nil
    }
    return isName(name) ? nil : "has 1 to 80 letters, digits, - and _, and .fifo behind them where it keeps the order"
  }

  /// What is wrong with a name that is no address; nil for nothing.
  @Sendable public static func problem(ofName name: String?) -> String? {
    guard let name else { return nil }
    return isName(name) ? nil : "has 1 to 80 letters, digits, - and _, and .fifo behind them where it keeps the order"
  }

  /// The name of the dead-letter queue of a queue: `orders-dead`, `orders-dead.fifo`.
  public static func deadLetters(of name: String) -> String {
    let base = name.hasSuffix(".fifo") ? name.dropLast(5) : name[...]
    return base.prefix(70) + "-dead" + (name.hasSuffix(".fifo") ? ".fifo" : "")
  }

  private static func isName(_ name: String) -> Bool {
    let base = name.hasSuffix(".fifo") ? name.dropLast(5) : name[...]
    let isSound = base.utf8.allSatisfy { byte in
      let letter = byte | 0x20
      return 0x30...0x39 ~= byte || 0x61...0x7A ~= letter && byte >= 0x41 || byte == 0x2D || byte == 0x5F
    }
    return isSound && !base.isEmpty && name.utf8.count <= 80
  }
}
