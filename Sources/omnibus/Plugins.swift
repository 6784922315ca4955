internal import Omnibus

/// The plugins that the program brings; this file is the one place that lists them.
let plugins: [Plugin] = []
