/// Brings JSON of an older form to the present one, a step for each number.
struct Migration: Sendable {
  /// Step 0 makes form 2 of form 1, and so on: a form that has been written once stays readable. Steps do not
  /// fail: what is wrong in the old form is found when the new one is read.
  let steps: [@Sendable (JSONValue) -> JSONValue]

  /// Documents: there has been one form so far.
  static let document = Migration(steps: [])

  /// The form that the steps lead to.
  var newest: Int { steps.count + 1 }

  func current(_ field: JSONField) throws(DocumentError) -> JSONValue {
    let schema = try field.members().required("schema")
    let number = try schema.int(1...Int.max)
    guard number <= newest else {
      throw schema.error("is \(number), from a newer Brevdue; this one knows up to \(newest)")
    }
    var value = field.value
    for step in steps[(number - 1)...] { value = step(value) }
    return value
  }
}
