import Omnibus
import OmnibusTesting
import Testing

@Suite("validate_json, formats")
struct FormatTests {
  static let formats: [(format: String, valid: [String], invalid: [String])] = [
    ("date", ["2024-02-29"], ["2023-02-29", "2024-2-9", "2024-02-29x", "1963-06-1\u{9EA}", "20240229", "2024-13-01"]),
    (
      "date-time", ["1998-12-31T23:59:60Z", "2024-01-01t00:00:00.5+01:00", "1998-12-31T15:59:60.123-08:00"],
      ["1998-12-31T22:59:60Z", "2024-01-01 00:00:00Z", "1998-12-31T23:59:61Z", "1990-12-31T15:59:59-24:00"]
    ),
    (
      "time", ["08:30:06Z", "08:30:06.28+02:00", "01:29:60+01:30", "00:29:60-23:30"],
      ["24:00:00Z", "08:30:06", "23:59:60+00:30", "01:02:03Z+00:30", "08:30:06 PST", "12:00:00.Z", "01:02:03+24:00"]
    ),
    (
      "duration", ["P4DT12H30M5S", "P2W", "PT1M", "PT0S", "P1DT12H"],
      ["PT", "P", "P1D2H", "P2D1Y", "P1Y2W", "4DT12H", "P1YT", "PT1D", "P2S", "P1", "P\u{9E8}Y", "P1Y2D"]
    ),
    (
      "email",
      ["joe.bloggs@example.com", "\"joe b\"@example.com", "a@[127.0.0.1]", "a@[IPv6:::1]", "~te~st~@example.com"],
      ["2962", ".a@b.c", "a..b@c.d", "a.@b.c", "a@[127.0.0.300]", "a@b=c.d", "a@b.c, d@e.f", "é@b.c"]
    ),
    ("idn-email", ["실례@실례.테스트", "é@b.c", "joe.bloggs@example.com"], ["2962", "é@", "é..a@b.c", "a@\u{302E}b.c"]),
    (
      "hostname",
      ["www.example.com", "xn--4gbwdl.xn--wgbh1c", "xn--ihqwcrb4cv8a8dqg056pqjye", "a--b", "0.1", "XN--4GBWDL"],
      [
        "-bad", "bad-", "a_b", "", ".", "a..b", "a.", "ab--c", "xn--X", "xn--", "xn--abc-", "XN--aa---o47jg78q",
        "é.com",
      ]
    ),
    (
      "idn-hostname",
      [
        "실례.테스트", "example.com", "xn--4gbwdl", "\u{DF}\u{3C2}\u{F0B}\u{3007}", "\u{6FD}\u{6FE}", "l\u{B7}l",
        "\u{3B1}\u{375}\u{3B2}",
        "\u{5D0}\u{5F3}\u{5D1}", "\u{30FB}\u{3041}", "\u{628}\u{660}\u{628}", "\u{6F0}0",
        "\u{915}\u{94D}\u{200D}\u{937}",
        "\u{628}\u{64A}\u{200C}\u{628}\u{64A}", "a\u{3002}b", "münchen.de",
      ],
      [
        "\u{302E}실례.테스트", "실\u{302E}례.테스트", "-> $1.00 --", "-é", "é-", "\u{903}hello", "\u{300}hello", "\u{640}\u{7FA}",
        "\u{3031}\u{302E}", "a\u{B7}l", "\u{B7}l", "l\u{B7}a", "l\u{B7}", "\u{3B1}\u{375}S", "A\u{5F3}\u{5D1}",
        "\u{5F3}\u{5D1}",
        "def\u{30FB}abc", "\u{30FB}", "\u{628}\u{660}\u{6F0}", "\u{915}\u{200D}\u{937}", "\u{200D}\u{937}", "\u{3002}",
        "a..é", "é.",
        "ab--é", "É.com", String(repeating: "é", count: 60), "\u{2603}.com",
      ]
    ),
    (
      "ipv4", ["192.168.0.1"],
      ["256.1.1.1", "127.0.0", "01.2.3.4", "1.2.3.4.5", "0x7f000001", "1.2.3.4/24", "1\u{9E8}7.0.0.1"]
    ),
    (
      "ipv6", ["::1", "::", "1:2:3:4:5:6:7:8", "::ffff:192.168.0.1", "1::", "::42:ff:1", "1:2::192.168.0.1"],
      [
        "12345::", ":::", "1:2:3", "::1::", "1:", ":2:3:4:5:6:7:8", "1:2:3:4:5:::8", "fe80::/64", "fe80::a%eth1",
        " ::1",
        "1:2:3:4:5:6:7:1.2.3.4", "1::2:192.168.256.1", "127.0.0.1", "1:2:3:4:5:6:7:8:9",
      ]
    ),
    (
      "uri",
      [
        "http://foo.bar/?baz=qux#quux", "urn:oasis:names", "ldap://[2001:db8::7]/c=GB?a?b",
        "http://-.~_!$&'()*+,;=:%40:80%2f@e.com",
      ],
      [
        "//foo", "/abc", "http:// shouldfail.com", "bar,baz:x[y]", "https://[@e.org/", "http://e.org/a\\b",
        "http://e.org/<>", "http://e.org/é", "a:%4", "1a:b",
      ]
    ),
    ("uri-reference", ["/abc", "#frag", "a/b:c", ""], ["\\\\WINDOWS", "#a\\b", "é"]),
    (
      "iri", ["http://ƒøø.ßår/?∂éœ=πîx#πîüx", "http://[2001:db8::1]"],
      ["http://2001:0db8:85a3::7334", "/abc", "âππ", "http:// a"]
    ),
    ("iri-reference", ["#ƒrägmênt", "âππ"], ["#ƒräg\\mênt"]),
    ("uri-template", ["http://e.com/{id}/{?q*}", "{term:1}", "a"], ["http://e.com/{id", "}", "{}"]),
    (
      "uuid", ["2EB8AA08-AA98-11EA-B4AA-73B441D16380", "00000000-0000-0000-0000-000000000000"],
      [
        "2eb8aa08-aa98-11ea-b4aa73b441d16380", "2eb8aa08aa9811eab4aa73b441d16380",
        "2eb8aa08-aa98-11ea-b4ga-73b441d16380",
      ]
    ),
    ("json-pointer", ["", "/foo/~0~1", "/", "/i\\j", "/ "], ["/foo~", "a", "#", "/~2", "/~~"]),
    ("relative-json-pointer", ["1", "0/a", "2#", "120/a"], ["/a", "01/a", "-1", "+1/a", "0##", ""]),
    ("regex", ["^a[b-c]$", "([abc])+\\s+$", "^(?!a)b"], ["^(abc]", "\\a", "^\\S(|(.|\\n)*\\S)\\Z"]),
    ("unknown", ["anything", ""], []),
  ]

  @Test("are checked where that is asked for, and only there")
  func format() throws {
    for (format, valid, invalid) in Self.formats {
      let schema = ["schema.json": "{\"format\":\"\(format)\"}"]
      let (checked, free) = (try SchemaRun(schema, ["check_formats": true]), try SchemaRun(schema))
      for text in valid + invalid {
        let body = try Self.quoted(text)
        #expect((checked.failure(of: body) == nil) == valid.contains(text), "\(format): \(text)")
        #expect(free.failure(of: body) == nil)
      }
      for other in ["1", "null", "true", "[]", "{}"] { #expect(checked.failure(of: other) == nil) }
    }
  }

  @Test("content is checked with them in draft 7, and says nothing in 2020-12")
  func content() throws {
    func check(
      _ keywords: String, _ draft: Configuration, _ isChecked: Bool = true, valid: [String], invalid: [String]
    ) throws {
      let run = try SchemaRun(
        ["schema.json": "{\(keywords)}"], ["draft": draft, "check_formats": Configuration(booleanLiteral: isChecked)])
      for text in valid + invalid {
        let body = try Self.quoted(text)
        #expect((run.failure(of: body) == nil) == valid.contains(text), "\(keywords): \(text)")
      }
      #expect(run.failure(of: "100") == nil)
    }
    let (type, encoding) = (##""contentMediaType":"application/json""##, ##""contentEncoding":"base64""##)
    try check(type, "7", valid: [##"{"foo":"bar"}"##], invalid: ["{:}", ""])
    try check(encoding, "7", valid: ["eyJmb28iOiAiYmFyIn0K", ""], invalid: ["eyJmb28iOi%iYmFyIn0K"])
    try check("\(type),\(encoding)", "7", valid: ["eyJmb28iOiAiYmFyIn0K"], invalid: ["ezp9Cg==", "{}"])
    try check(##""contentEncoding":"quoted-printable",\##(type)"##, "7", valid: ["{:}"], invalid: [])
    try check(type, "7", false, valid: ["{:}"], invalid: [])
    try check("\(type),\(encoding)", "2020-12", valid: ["{:}"], invalid: [])
  }

  private static func quoted(_ text: String) throws -> String {
    String(decoding: try Value.string(text).jsonBytes(), as: UTF8.self)
  }
}
