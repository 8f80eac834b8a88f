import MailModel

/// What one rendering may use at most, so that no template can hang or swell the server.
public struct Limits: Sendable, Hashable {
  /// Tags, outputs, turns of loops, filters and calls, and one more for every 16 bytes of text or 4 elements of a
  /// list that is made on the way.
  public var steps = 1_000_000
  /// Processor time of the thread that renders, in milliseconds; nil for any. What one filter may do between two looks
  /// at the clock is bounded by the steps.
  public var milliseconds: Int? = 1000
  /// Bytes of the result.
  public var outputBytes = 8 << 20
  /// How deep calls, loops and expressions nest together.
  public var depth = 300
  /// How deep templates include, import and extend one another.
  public var includeDepth = 20

  /// The limits of a server.
  public init() {}
}

/// How a template is filled in.
public struct RenderOptions: Sendable {
  /// How values are made safe.
  public var escaping = Escaping.html
  /// Whether a `custom` value that is missing and has no default is an error. When false it is empty, as in HubSpot.
  public var isStrict = true
  /// What the rendering may use.
  public var limits = Limits()
  /// What `now`, `today()` and `local_dt` say. The same input gives the same text.
  public var now = Instant(milliseconds: 0)
  /// Names and forms of dates and numbers, unless the template asks for another: `en`, `de-DE`.
  public var locale = "en"
  /// Zone of dates, unless the template asks for another.
  public var timeZone = "UTC"
  /// Seconds that a zone's clocks are ahead of UTC at an instant; nil for a zone that is not known. Asked for all but
  /// `UTC` and `+02:00`.
  public var zoneOffset: @Sendable (_ zone: String, _ at: Instant) -> Int? = { _, _ in nil }
  /// The template of a name, for `include`, `import` and `extends`; nil for none.
  public var template: @Sendable (_ name: String) throws(TemplateError) -> Template? = { _ in nil }
  /// Asked now and then whether to stop, beside the limit of time: when nobody waits for the result any more.
  public var isOverdue: (@Sendable () -> Bool)?
  /// Decides what `random` and `shuffle` give.
  public var seed: UInt64 = 1

  /// HTML, strict, without other templates.
  public init() {}
}
