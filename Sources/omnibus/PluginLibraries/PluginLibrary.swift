internal import Omnibus

/// A shared library with a plugin, as the configuration names it.
struct PluginLibrary {
  let path: String
  let isOptional: Bool
  let place: Location
}
