/// A HubL text, parsed once and rendered for each recipient. May be shared between threads.
///
/// The language is described in `docs/hubl.md`.
public struct Template: Sendable {
  let program: Program
  let code: Code

  /// Parses; throws for bad syntax with its place.
  public init(_ source: String) throws(TemplateError) {
    program = try Parser.parse(Array(source.utf8))
    code = Code(program)
  }

  /// Fills the template in. `values` holds the top names: `contact`, `custom` and so on. A missing `custom` value
  /// without a default fails (all missing names are collected), unless the options say otherwise; anything else
  /// missing is empty.
  public func render(_ values: [String: Value], _ options: RenderOptions) throws(TemplateError) -> String {
    String(decoding: try bytes(values, options), as: UTF8.self)
  }

  /// The same with the standard options.
  public func render(_ values: [String: Value], escaping: Escaping) throws(TemplateError) -> String {
    var options = RenderOptions()
    options.escaping = escaping
    return try render(values, options)
  }

  /// The result as UTF-8.
  public func bytes(_ values: [String: Value], _ options: RenderOptions) throws(TemplateError) -> [UInt8] {
    var renderer = Renderer(self, values, options)
    defer { renderer.release() }
    do throws(Stop) {
      try renderer.render()
    } catch {
      throw renderer.failure ?? TemplateError(.value, at: 0, in: program.source, "the template failed")
    }
    if let error = renderer.missingError { throw error }
    return renderer.output.bytes
  }

  /// The same template with its text changed, such as from HTML to plain text.
  ///
  /// `change` gets the whole text with a mark in place of each output, and the start of all marks; where it
  /// leaves a mark, the output will stand. nil when there are tags, or an output makes markup or may, since text of
  /// that kind is to be changed too; or when the text has something like a mark, before or behind the change.
  public func changingText(_ change: (_ text: String, _ mark: String) -> String) -> Template? {
    TextChange(program)?.apply(change).flatMap { try? Template($0) }
  }
}

extension Renderer {
  /// What was used and is missing.
  fileprivate var missingError: TemplateError? {
    guard let first = missing.first else { return nil }
    let names = missing.map { missingPaths[Int($0) - 1].name }
    // To guess is work, and nobody reads so many guesses.
    let list = names.enumerated().map { place, name in
      name + (place < 20 ? hint(for: name).map { " (did you mean \($0)?)" } ?? "" : "")
    }
    let place = missingPaths[Int(first) - 1]
    return TemplateError(
      .missing(names), at: place.offset, in: place.unit.program.source,
      "no value is given for " + list.joined(separator: ", "), template: place.unit.name)
  }
}
