import Omnibus
import Testing

@testable import S3Plugin

@Suite("Events of S3") struct ObjectEventTests {
  private static let record = """
    {"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": "care"}, "object":
    {"key": "in/a+b%2Bc%C3%A9.csv", "size": 1024, "eTag": "d41d8cd98f00b204e9800998ecf8427e", "sequencer": "1"}}}
    """
  private static let event = ObjectEvent(
    bucket: "care", key: "in/a b+cé.csv", etag: "d41d8cd98f00b204e9800998ecf8427e", size: 1024)

  @Test("an event of S3 tells of its objects")
  func direct() {
    #expect(ObjectEvent.all(in: #"{"Records": [\#(Self.record), \#(Self.record)]}"#) == [Self.event, Self.event])
  }

  @Test("an event that SNS has wrapped up is the same, and one that is wrapped up again is none")
  func wrapped() throws {
    func wrap(_ text: String) throws -> String {
      let inner = String(decoding: try Value.string(text).jsonBytes(), as: UTF8.self)
      return #"{"Type": "Notification", "TopicArn": "arn:aws:sns:eu-central-1:1:t", "Message": \#(inner)}"#
    }
    let once = try wrap(#"{"Records": [\#(Self.record)]}"#)
    #expect(ObjectEvent.all(in: once) == [Self.event])
    #expect(try ObjectEvent.all(in: wrap(once)) == nil)
  }

  @Test("an event of EventBridge has its key as it is")
  func eventBridge() {
    let event = """
      {"source": "aws.s3", "detail-type": "Object Created", "detail": {"bucket": {"name": "care"}, "object":
      {"key": "in/a+b%2B.csv", "size": 3, "etag": "abc"}}}
      """
    #expect(ObjectEvent.all(in: event) == [ObjectEvent(bucket: "care", key: "in/a+b%2B.csv", etag: "abc", size: 3)])
    #expect(ObjectEvent.all(in: #"{"source": "aws.s3", "detail-type": "Object Deleted"}"#) == [])
  }

  @Test(
    "events of other kinds tell of nothing, and what is no event is none",
    arguments: [
      (#"{"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "care"}"#, true), (#"{"Records": []}"#, true),
      (#"{"Records": [{"eventName": "ObjectRemoved:Delete", "s3": {}}]}"#, true), ("", false), ("null", false),
      ("[]", false), ("{}", false), (#"{"Records": 1}"#, false), (#"{"Records": [{}]}"#, false),
      (#"{"Records": [{"eventName": "ObjectCreated:Put", "s3": {}}]}"#, false),
      (
        #"{"Records": [{"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": "a"}, "object": {"key": "%"}}}]}"#,
        false
      ),
      (
        #"{"Records": [{"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": "a"}, "object": {"key": "%FF"}}}]}"#,
        false
      ),
      (#"{"Type": "Notification", "Message": "no"}"#, false), (String(repeating: "[", count: 100_000), false),
    ])
  func others(text: String, isEvent: Bool) { #expect(ObjectEvent.all(in: text) == (isEvent ? [] : nil)) }
}

extension ObjectEvent {
  fileprivate init(bucket: String, key: String, etag: String, size: Int) {
    let text =
      #"{"source": "aws.s3", "detail-type": "Object Created", "detail": {"bucket": {"name": "b"}, "object": {"key": "k"}}}"#
    guard var event = ObjectEvent.all(in: text)?.first else { preconditionFailure("the text is an event") }
    (event.bucket, event.key, event.etag, event.size) = (bucket, key, etag, size)
    self = event
  }
}
