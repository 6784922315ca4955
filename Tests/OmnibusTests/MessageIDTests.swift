import Omnibus
import Testing

@Suite struct MessageIDTests {
  @Test("an id is read from its description, with the parts that it is within")
  func readBack() {
    let whole = MessageID()
    for id in [whole, whole.part(0), whole.part(3).part(5), whole.part(1).part(0).part(1_000_000)] {
      let read = MessageID(id.description)
      #expect(read == id)
      #expect(read?.description == id.description)
    }
    #expect(
      MessageID("01890a5d-ac96-774b-bcce-b302099a8057/3/5")?.description == "01890a5d-ac96-774b-bcce-b302099a8057/3/5")
  }

  @Test(
    "other text is no id",
    arguments: [
      "", "01890a5d", "01890a5d-ac96-774b-bcce-b302099a805", "01890a5d-ac96-774b-bcce-b302099a80577",
      "01890A5D-ac96-774b-bcce-b302099a8057", "01890a5dxac96-774b-bcce-b302099a8057",
      "g1890a5d-ac96-774b-bcce-b302099a8057", "01890a5d-ac96-774b-bcce-b302099a8057/",
      "01890a5d-ac96-774b-bcce-b302099a8057//1", "01890a5d-ac96-774b-bcce-b302099a8057/1/",
      "01890a5d-ac96-774b-bcce-b302099a8057/01", "01890a5d-ac96-774b-bcce-b302099a8057/-1",
      "01890a5d-ac96-774b-bcce-b302099a8057/x", "01890a5d-ac96-774b-bcce-b302099a8057/99999999999999999999",
      "01890a5d-ac96-774b-bcce-b302099a805ü",
    ])
  func refused(_ text: String) { #expect(MessageID(text) == nil) }
}
