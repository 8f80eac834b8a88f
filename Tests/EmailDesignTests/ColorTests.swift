import EmailDesign
import Testing

struct ColorTests {
  /// By WebAIM's contrast checker.
  @Test(arguments: [
    ("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#ff0000", "#ffffff", 4.0),
    ("#fff", "#ffffff", 1.0),
    ("#2f4bc4", "#ffffff", 7.18), ("#0a0a0a", "#000000", 1.06),
  ])
  func contrast(_ one: String, _ two: String, _ ratio: Double) throws {
    let found = try #require(Color(one)).contrast(to: #require(Color(two)))
    #expect(abs(found - ratio) < 0.011, "\(found)")
  }

  @Test(arguments: ["", "#", "fff", "#ff", "#fffff", "#gggggg", "#+fffff", "red", "#ffffff0"])
  func refuses(_ text: String) {
    #expect(Color(text) == nil)
  }
}
