import Omnibus
import Testing

@testable import OmnibusEngine

@Suite("what is shown of a configuration") struct SettingsCollectorTests {
  private struct Sample: Options {
    struct Login: Options {
      @Option(help: "a secret") var password: Secret? = nil
      @Option(help: "a text") var user: String = "nobody"
    }

    @Option(help: "nested") var login: Login = Login()
    @Option(help: "a time") var pause: Duration = .seconds(1)
    @Option(help: "texts") var hosts: [String] = []
    @Option(help: "secrets") var keys: [Secret] = []
    @Option(help: "by name") var tokens: OptionMap<Secret> = OptionMap()
  }

  private func settings(_ yaml: String, _ environment: [String: String] = [:]) throws -> [String: EffectiveSetting] {
    let node = try #require(YAMLParser.parse(Array(yaml.utf8), file: "a.yaml").node)
    var collector = SettingsCollector { text in
      (try? SettingReferences.replace(in: text) { environment[String($0.dropFirst(4))] ?? "" }) ?? text
    }
    collector.collect(Sample.shape, node)
    return Dictionary(uniqueKeysWithValues: collector.settings.map { ($0.key, $0) })
  }

  private func shown(_ setting: EffectiveSetting?) throws -> String {
    String(decoding: try #require(setting).value.jsonBytes(), as: UTF8.self)
  }

  @Test("a secret is never shown, neither what a reference stands for nor one that was written out")
  func secrets() throws {
    let settings = try settings(
      """
      login: { password: "${env:PASSWORD}", user: "bus-${env:PASSWORD}" }
      hosts: [ "${env:PASSWORD}", b ]
      keys: [ hunter2, "${env:PASSWORD}" ]
      tokens: { a: hunter2 }
      """, ["PASSWORD": "hunter2"])
    #expect(try shown(settings["login.password"]) == #""${env:PASSWORD}""#)
    #expect(try shown(settings["login.user"]) == #""bus-${env:PASSWORD}""#)
    #expect(try shown(settings["hosts"]) == #"["${env:PASSWORD}","b"]"#)
    #expect(try shown(settings["keys"]) == #"["***","${env:PASSWORD}"]"#)
    #expect(try shown(settings["tokens"]) == #"{"a":"***"}"#)
    for setting in settings.values { #expect(!"\(setting)".contains("hunter2")) }
  }

  @Test("what can be no secret is shown as what the reference stands for")
  func resolved() throws {
    #expect(try shown(settings("pause: ${env:PAUSE}", ["PAUSE": "7s"])["pause"]) == #""7s""#)
  }

  @Test("each value says where it was written, and defaults that they are")
  func places() throws {
    let settings = try settings("login:\n  user: me\n")
    #expect(settings["login.user"]?.place?.description == "a.yaml:2:9")
    #expect(settings["pause"]?.place == nil)
    #expect(try shown(settings["pause"]) == #""1s""#)
    #expect(settings["login.password"]?.description != nil)
  }

  @Test("a value differs when what it stands for does, wherever it was written")
  func differences() throws {
    let first = try settings("pause: 1s\nlogin: { password: \"${env:A}\" }", ["A": "1"])
    let second = try settings("login: { password: \"${env:A}\" }", ["A": "2"])
    let (pause, password) = try (#require(first["pause"]), #require(first["login.password"]))
    #expect(try !pause.differs(from: #require(second["pause"])))
    #expect(try password.differs(from: #require(second["login.password"])))
    let one = try #require(try settings("hosts: [ \"a, b\" ]")["hosts"])
    #expect(try one.differs(from: #require(try settings("hosts: [ a, b ]")["hosts"])))
  }
}
