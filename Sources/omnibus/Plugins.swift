internal import DirectPlugin
internal import FilePlugin
internal import FlatFilePlugin
internal import FlowPlugin
internal import JSONPlugin
internal import Omnibus
internal import RESTPlugin
internal import ResiliencePlugin
internal import TimerPlugin

/// The plugins that the program brings; this file is the one place that lists them.
let builtInPlugins: [Plugin] = [.direct, .file, .flatFile, .flow, .json, .resilience, .rest, .timer]
