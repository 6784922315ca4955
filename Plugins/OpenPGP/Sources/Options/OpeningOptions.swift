internal import Omnibus

/// The option `limits` of steps that open messages of others.
struct OpeningOptions: Options {
  @Option(help: "the largest body to take out of a message")
  var maxSize: ByteSize = ByteSize(bytes: 16 << 30)

  @Option(help: "how many times larger than the message the body may be, beyond the first MiB", range: 1...1_000_000)
  var maxRatio: Int = 100

  @Option(help: "larger bodies go on as streams, and wait for their verification in a file without a name")
  var streamAbove: ByteSize = ByteSize(bytes: 16 << 20)

  @Option(
    help: "the folder for such files; a file destination on the same mount gives one its name and copies nothing")
  var spool: String = "/var/tmp"

  var bounds: Pump.Bounds { Pump.Bounds(size: maxSize.bytes, ratio: maxRatio) }

  var holding: Worker.Holding { Worker.Holding(memoryLimit: streamAbove.bytes, folder: spool) }
}
