public import Omnibus

/// Metrics as Prometheus reads them: its text format, version 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/).
public enum PrometheusText {
  /// The content type of the text.
  public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  /// The text for `families`, in their order.
  public static func write(_ families: [MetricFamily]) -> [UInt8] {
    var text: [UInt8] = []
    for family in families {
      text.append(contentsOf: "# HELP \(family.name) \(escaped(family.help, quotes: false))\n".utf8)
      text.append(contentsOf: "# TYPE \(family.name) \(family.kind.rawValue)\n".utf8)
      for series in family.series { write(series, of: family.name, to: &text) }
    }
    return text
  }

  private static func write(_ series: MetricFamily.Series, of name: String, to text: inout [UInt8]) {
    let labels = labels(series.labels)
    switch series.reading {
    case .integer(let number): line(name, labels, "\(number)", &text)
    case .number(let number): line(name, labels, self.number(number), &text)
    case .histogram(let reading):
      let prefix = labels.isEmpty ? "" : "\(labels),"
      var count = 0
      for (place, bound) in Histogram.bounds.enumerated() {
        count += reading.buckets[place]
        line("\(name)_bucket", "\(prefix)le=\"\(seconds(Int(bound)))\"", "\(count)", &text)
      }
      line("\(name)_bucket", "\(prefix)le=\"+Inf\"", "\(reading.count)", &text)
      line("\(name)_sum", labels, seconds(reading.sumNanoseconds), &text)
      line("\(name)_count", labels, "\(reading.count)", &text)
    }
  }

  private static func line(_ name: String, _ labels: String, _ value: String, _ text: inout [UInt8]) {
    text.append(contentsOf: name.utf8)
    if !labels.isEmpty { text.append(contentsOf: "{\(labels)}".utf8) }
    text.append(contentsOf: " \(value)\n".utf8)
  }

  private static func labels(_ labels: [String]) -> String {
    stride(from: 0, to: labels.count, by: 2)
      .map { "\(labels[$0])=\"\(escaped(labels[$0 + 1], quotes: true))\"" }.joined(separator: ",")
  }

  private static func seconds(_ nanoseconds: Int) -> String { number(Double(nanoseconds) / 1_000_000_000) }

  private static func number(_ number: Double) -> String {
    if number.isNaN { return "NaN" }
    if number.isInfinite { return number > 0 ? "+Inf" : "-Inf" }
    if number == number.rounded(), abs(number) < 1e15 { return "\(Int(number))" }
    return "\(number)"
  }

  /// With a backslash before a backslash and, in a label, a quote; a line feed is `\n`.
  private static func escaped(_ text: String, quotes: Bool) -> String {
    guard text.utf8.contains(where: { $0 == 0x5C || $0 == 0x0A || quotes && $0 == 0x22 }) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\"" where quotes: result += "\\\""
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
