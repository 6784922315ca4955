import Omnibus

/// A comparison of a place of the body, or of a header, with what is written in the expression: made without Strings
/// and without references.
struct BodyTest {
  let test: Test

  /// The test that `node` is; nil where it is anything else.
  init?(_ node: Checked) {
    return nil
  }
}
