import Omnibus
import OmnibusTesting
import Testing

@testable import OmnibusEngine

@Suite("the configuration of the engine") struct EngineConfigurationTests {
  let folder = TemporaryDirectory()

  private var routes: String { "\(folder.path)/Routes" }

  private func read(
    profiles: [String] = [], overrides: [ConfigurationSources.Override] = [], environment: [String: String] = [:]
  ) -> EngineConfiguration {
    EngineConfiguration(
      reading: ConfigurationSources(besideRoutes: routes, profiles: profiles, overrides: overrides),
      settings: SettingsReader { environment[$0] })
  }

  @Test("without a file everything is as by default")
  func defaults() {
    let read = read()
    #expect(read.problems.isEmpty)
    #expect(read.files.isEmpty)
    #expect(read.options.grace == .seconds(30))
    #expect(read.options.reactors == nil)
    #expect(read.options.plugins.isEmpty)
    #expect(read.options.limits.limits.http.maxConnections == HTTPLimits().maxConnections)
  }

  @Test("a file omnibus.yml is a problem, and not passed over")
  func misnamed() {
    folder.write("omnibus.yml", "grace: 5s")
    #expect(read().problems.map(\.code) == ["misnamed-file"])
  }

  @Test(
    "a user and a password are refused in the address for traces, where they would stand in the clear",
    arguments: [
      ("https://user:pw4711@collector/v1/traces", true), ("http://user@collector", true),
      ("https://collector/v1/@traces", false), ("https://collector:4318/v1/traces?by=a@b", false),
    ])
  func traceCredentials(_ endpoint: String, _ isRefused: Bool) {
    folder.write("omnibus.yaml", "telemetry: { traces: { endpoint: \"\(endpoint)\" } }")
    let problems = read().problems
    #expect(problems.isEmpty != isRefused, "\(problems)")
    #expect(!problems.contains { "\($0.message)\($0.help ?? "")".contains("pw4711") }, "\(problems)")
  }

  @Test("a library is shown as it was written, not by what a reference stands for")
  func writtenLibrary() {
    folder.write("omnibus.yaml", "plugins: [ \"${env:WHERE}/a.so\", { library: \"${env:WHERE}/b.so\" } ]")
    let libraries = read(environment: ["WHERE": "/secret"]).options.plugins
    #expect(libraries.map(\.path) == ["/secret/a.so", "/secret/b.so"])
    #expect(libraries.map(\.written) == ["${env:WHERE}/a.so", "${env:WHERE}/b.so"])
  }

  @Test("data is beside the file unless it says otherwise, and its key is checked and never shown")
  func data() {
    #expect(read().options.data.directory(from: folder.path) == "\(folder.path)/data")
    folder.write("omnibus.yaml", "data: { directory: /var/bus, key: \"${env:KEY}\" }")
    let good = read(environment: ["KEY": String(repeating: "0f", count: 32)])
    #expect(good.problems.isEmpty)
    #expect(good.options.data.directory(from: folder.path) == "/var/bus")
    #expect(good.options.data.keyBytes == [UInt8](repeating: 15, count: 32))
    #expect(good.settings.first { $0.key == "data.key" }?.value.string == "${env:KEY}")
    let bad = read(environment: ["KEY": "too short"])
    #expect(bad.problems.map(\.code) == ["invalid-option"])
    #expect(!bad.problems.contains { "\($0)".contains("too short") })
    folder.write("omnibus.yaml", "data: { key: 0f0f }")
    #expect(read().problems.map(\.code) == ["literal-secret"])
  }

  @Test("every key is read")
  func keys() throws {
    folder.write(
      "omnibus.yaml",
      """
      plugins: [ plugins/libone.so, { library: /opt/libtwo.so, optional: true } ]
      log: { level: debug, format: json }
      reactors: 3
      grace: 5s
      watch: false
      limits:
        blocking_threads: 7
        http: { header_bytes: 64KiB, header_timeout: 3s, max_connections: 20, max_body: 1MiB, max_body_ceiling: 2MiB }
      """)
    let read = read()
    #expect(read.problems.isEmpty)
    let options = read.options
    #expect(options.plugins.map(\.path) == ["\(folder.path)/plugins/libone.so", "/opt/libtwo.so"])
    #expect(options.plugins.map(\.isOptional) == [false, true])
    #expect(options.plugins.first?.place.description == "\(folder.path)/omnibus.yaml:1:12")
    #expect(options.log.level == .debug)
    #expect(options.log.format == .json)
    #expect(options.reactors == 3)
    #expect(options.grace == .seconds(5))
    #expect(!options.watch)
    #expect(options.limits.blockingThreads == 7)
    let limits = options.limits.limits.http
    #expect(limits.headerBytes == 64 << 10)
    #expect(limits.headerTimeout == .seconds(3))
    #expect(limits.maxConnections == 20)
    #expect(limits.maxBody == 1 << 20)
    #expect(limits.maxBodyCeiling == 2 << 20)
    #expect(limits.idleTimeout == HTTPLimits().idleTimeout)
  }

  @Test("profiles override the file key by key, later ones earlier ones, and the command line all of them")
  func precedence() {
    folder.write(
      "omnibus.yaml",
      """
      grace: 1s
      plugins: [ a.so, b.so ]
      limits: { blocking_threads: 2, http: { max_body: 1MiB, header_count: 50 } }
      """)
    folder.write(
      "omnibus.production.yaml",
      """
      grace: 2s
      plugins: [ c.so ]
      limits: { http: { header_count: 60 } }
      """)
    folder.write("omnibus.north.yaml", "grace: 3s\nlimits:\n")
    let base = read().options
    #expect(base.grace == .seconds(1))
    let production = read(profiles: ["production"]).options
    #expect(production.grace == .seconds(2))
    #expect(production.plugins.map(\.path) == ["\(folder.path)/c.so"])
    #expect(production.limits.blockingThreads == 2)
    #expect(production.limits.http.limits.maxBody == 1 << 20)
    #expect(production.limits.http.limits.headerCount == 60)
    let both = read(profiles: ["production", "north"])
    #expect(both.problems.isEmpty)
    #expect(both.options.grace == .seconds(3))
    #expect(both.options.limits.http.limits.headerCount == 60)
    #expect(read(profiles: ["north", "production"]).options.grace == .seconds(2))
    let override = ConfigurationSources.Override("grace", "4s", option: "--grace")
    #expect(read(profiles: ["production"], overrides: [override]).options.grace == .seconds(4))
  }

  @Test("a profile may stand without the file that it overrides")
  func profileAlone() {
    folder.write("omnibus.test.yaml", "reactors: 1")
    let read = read(profiles: ["test"])
    #expect(read.problems.isEmpty)
    #expect(read.options.reactors == 1)
  }

  @Test("references are read, from the environment and from files beside the configuration")
  func references() {
    folder.write("threads", "9\n")
    folder.write("omnibus.yaml", "grace: ${env:GRACE:-8s}\nlimits: { blocking_threads: \"${file:threads}\" }")
    #expect(read().options.grace == .seconds(8))
    #expect(read(environment: ["GRACE": "7s"]).options.grace == .seconds(7))
    #expect(read().options.limits.blockingThreads == 9)
  }

  @Test("what has no problem holds in spite of what has one")
  func partly() {
    folder.write("omnibus.yaml", "grace: 5s\nplugins: [ a.so ]\nreactors: many\nlog: { level: debgu }")
    let read = read()
    #expect(read.problems.map(\.location.line) == [3, 4])
    #expect(read.options.grace == .seconds(5))
    #expect(read.options.plugins.count == 1)
    #expect(read.options.reactors == nil)
  }

  @Test("the file lies beside the routes, whatever they are called")
  func places() {
    let places = [
      "Routes": "", "Routes/": "", ".": "../", "..": "../../", "a/b": "a/", "/r": "/", "/": "/", "a/.": "a/../",
    ]
    for (routes, folder) in places {
      #expect(ConfigurationSources(besideRoutes: routes).path == "\(folder)omnibus.yaml", "\(routes)")
    }
    // What holds for the engine is not among the routes of all.
    let within = [
      "Routes/care": "", "x/Routes/care/": "x/", "/r/Routes/a/b.yaml": "/r/", "Routes/a/Routes": "Routes/a/",
      "Routes/a/Routes/b": "Routes/a/",
    ]
    for (routes, folder) in within {
      #expect(ConfigurationSources(besideRoutes: routes).path == "\(folder)omnibus.yaml", "\(routes)")
    }
    let named = ConfigurationSources(file: "etc/bus.yml")
    #expect(named.path(ofProfile: "a") == "etc/bus.a.yml")
    #expect(ConfigurationSources(file: "/x.d/bus").path(ofProfile: "a") == "/x.d/bus.a")
    #expect(ConfigurationSources(file: "/bus.yaml").directory == "/")
    #expect(ConfigurationSources(file: "bus.yaml").directory == ".")
  }

  @Test("a profile without a file is an error that says where it was looked for, and what there is")
  func unknownProfile() {
    folder.write("omnibus.production.yaml", "{}")
    let read = read(profiles: ["produktion"])
    #expect(read.problems.map(\.code) == ["unknown-profile"])
    let message = read.problems.first?.message ?? ""
    #expect(message.contains("no file \(folder.path)/omnibus.produktion.yaml"))
    #expect(message.contains("did you mean \"production\"?"))
    #expect(read.problems.first?.location.description == "--profile")
    #expect(self.read(profiles: ["../x"]).problems.map(\.code) == ["bad-profile"])
  }

  @Test("a file that was named must be there, and be readable")
  func missing() {
    let sources = ConfigurationSources(file: "\(folder.path)/other.yaml")
    #expect(EngineConfiguration(reading: sources).problems.map(\.code) == ["unreadable-file"])
    folder.write("omnibus.yaml", String(repeating: "# much\n", count: 200_000))
    #expect(read().problems.map(\.message) == ["is larger than 1MiB"])
    folder.write("omnibus.yaml", "- list")
    #expect(read().problems.map(\.code) == ["not-a-map"])
  }

  @Test("a mistake on the command line is said of the option")
  func overrides() {
    let override = ConfigurationSources.Override("log.level", "loud", option: "--log-level")
    let problems = read(overrides: [override]).problems
    #expect(problems.map(\.location.description) == ["--log-level"])
  }
}

@Suite("checking the configuration of the engine") struct ConfigurationCheckTests {
  let folder = TemporaryDirectory()

  private func check(_ profiles: [String] = []) -> [String] {
    let sources = ConfigurationSources(besideRoutes: "\(folder.path)/Routes", profiles: profiles)
    return EngineConfiguration.check(sources, settings: SettingsReader { _ in nil }).problems.map {
      "\($0.location.file.dropFirst(folder.path.count + 1)):\($0.location.line) \($0.code)"
    }
  }

  @Test("the files of all profiles are checked, each once")
  func all() {
    folder.write("omnibus.yaml", "gracee: 1s\ngrace: 5\n")
    folder.write("omnibus.a.yaml", "grace: 1s\nreactors: no\n")
    folder.write("omnibus.b.yaml", "watch: [\n")
    folder.write("omnibus.not a profile.yaml", "[")
    let all = [
      "omnibus.a.yaml:2 mistyped-option", "omnibus.b.yaml:1 yaml-syntax", "omnibus.yaml:1 unknown-option",
      "omnibus.yaml:2 bad-duration",
    ]
    #expect(check() == all)
    #expect(check(["a"]) == all)
  }

  @Test("what another profile refers to need not be here")
  func references() {
    folder.write("omnibus.production.yaml", "grace: ${env:GRACE}\nlimits: { http: { max_body: \"${env:MAX}\" } }")
    #expect(check().isEmpty)
    #expect(
      check(["production"]).map { $0.split(separator: " ").last } == ["unresolved-reference", "unresolved-reference"])
  }
}
