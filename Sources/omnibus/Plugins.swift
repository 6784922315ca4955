internal import DeliveryPlugin
internal import DirectPlugin
internal import FilePlugin
internal import FlatFilePlugin
internal import FlowPlugin
internal import JSONPlugin
internal import Omnibus
internal import QueuePlugin
internal import RESTPlugin
internal import ResiliencePlugin
internal import TimerPlugin

/// The plugins that the program brings; this file is the one place that lists them.
let builtInPlugins: [Plugin] = [
  .delivery, .direct, .file, .flatFile, .flow, .json, .queue, .resilience, .rest, .timer,
]
