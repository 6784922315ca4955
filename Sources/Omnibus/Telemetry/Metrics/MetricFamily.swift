/// All series of one name, as they are at one moment.
public struct MetricFamily: Sendable, Equatable {
  /// What its numbers mean.
  public enum Kind: String, Sendable {
    /// A number that only grows.
    case counter
    /// A number that goes up and down.
    case gauge
    /// Durations in buckets.
    case histogram
  }

  /// The value of a series.
  public enum Reading: Sendable, Equatable {
    /// Of a counter or a gauge.
    case integer(Int)
    /// Of what is observed.
    case number(Double)
    /// Of a histogram.
    case histogram(Histogram.Reading)
  }

  /// One series.
  public struct Series: Sendable, Equatable {
    /// Names and values of its labels by turns, in the order in which they are written.
    public var labels: [String]
    /// Its value.
    public var reading: Reading
  }

  /// Its name: `omnibus_route_messages_total`.
  public var name: String
  /// A sentence that says what is counted.
  public var help: String
  /// What its numbers mean.
  public var kind: Kind
  /// Its series, ordered by their labels.
  public var series: [Series]
}
