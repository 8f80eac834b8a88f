/// Names and forms of dates and numbers in a language, as the Common Locale Data Repository has them. English and the
/// larger languages of Europe; others fall back to English.
struct Locale: Sendable {
  let months: [String]
  let shortMonths: [String]
  /// From Sunday on.
  let days: [String]
  let shortDays: [String]
  /// In Java's letters: short, medium, long, full.
  let dates: [String]
  let times: [String]
  let decimalPoint: String
  let grouping: String
  /// `{n}` is the number, `{s}` the sign.
  let currencyForm: String
  let am: String
  let pm: String

  /// By a language tag such as `de`, `de-DE`, `en_GB`.
  static func named(_ tag: String) -> Locale {
    let parts = tag.lowercased().split { $0 == "-" || $0 == "_" }.map(String.init)
    let language = parts.first ?? "en"
    if parts.count > 1, let special = all[language + "-" + parts[1]] { return special }
    return all[language] ?? english
  }

  func number(_ value: Double, maximumDigits: Int?) -> String {
    let decimal = Decimal(value).fractionDigits
    let digits = min(decimal, maximumDigits.map { max(0, $0) } ?? decimal)
    return Numbers.grouped(Numbers.fixed(value, digits: digits), separator: grouping, point: decimalPoint)
  }

  func currency(_ value: Double, code: String) -> String {
    let code = code.uppercased()
    let digits = Self.withoutCents.contains(code) ? 0 : 2
    let number = Numbers.grouped(
      Numbers.fixed(value.magnitude, digits: digits), separator: grouping, point: decimalPoint)
    let sign = Self.signs[code] ?? code
    let isWord = sign.utf8.count > 1 && sign.utf8.allSatisfy { $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A }
    let form = isWord && currencyForm == "{s}{n}" ? "{s}\u{A0}{n}" : currencyForm
    let text = Text.replaced(Text.replaced(form, "{n}", by: number, limit: 1), "{s}", by: sign, limit: 1)
    return value < 0 ? "-" + text : text
  }

  private static let withoutCents: Set<String> = ["JPY", "KRW", "CLP", "ISK", "VND", "HUF"]
  private static let signs = [
    "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "CNY": "CN¥", "INR": "₹", "KRW": "₩", "BRL": "R$",
    "CAD": "CA$",
    "AUD": "A$", "NZD": "NZ$", "MXN": "MX$", "ILS": "₪", "VND": "₫", "CHF": "CHF", "SEK": "kr", "NOK": "kr",
    "DKK": "kr.",
    "PLN": "zł", "CZK": "Kč", "HUF": "Ft",
  ]
}

extension Locale {
  private static func words(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }

  private init(
    _ months: String, _ shortMonths: String, _ days: String, _ shortDays: String, dates: [String],
    times: [String],
    point: String = ",", grouping: String = ".", currency: String = "{n}\u{A0}{s}", am: String = "AM",
    pm: String = "PM"
  ) {
    self.months = Self.words(months)
    self.shortMonths = Self.words(shortMonths)
    self.days = Self.words(days)
    self.shortDays = Self.words(shortDays)
    self.dates = dates
    self.times = times
    decimalPoint = point
    self.grouping = grouping
    currencyForm = currency
    self.am = am
    self.pm = pm
  }

  private static let twelve = ["h:mm a", "h:mm:ss a", "h:mm:ss a z", "h:mm:ss a zzzz"]
  private static let twentyFour = ["HH:mm", "HH:mm:ss", "HH:mm:ss z", "HH:mm:ss zzzz"]

  static let english = Locale(
    "January February March April May June July August September October November December",
    "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "Sunday Monday Tuesday Wednesday Thursday Friday Saturday", "Sun Mon Tue Wed Thu Fri Sat",
    dates: ["M/d/yy", "MMM d, y", "MMMM d, y", "EEEE, MMMM d, y"], times: twelve, point: ".", grouping: ",",
    currency: "{s}{n}")

  private static let british = Locale(
    english.months.joined(separator: " "), "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec",
    english.days.joined(separator: " "), english.shortDays.joined(separator: " "),
    dates: ["dd/MM/y", "d MMM y", "d MMMM y", "EEEE, d MMMM y"], times: twentyFour, point: ".", grouping: ",",
    currency: "{s}{n}", am: "am", pm: "pm")

  private static let german = Locale(
    "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.",
    "Sonntag Montag Dienstag Mittwoch Donnerstag Freitag Samstag", "So. Mo. Di. Mi. Do. Fr. Sa.",
    dates: ["dd.MM.yy", "dd.MM.y", "d. MMMM y", "EEEE, d. MMMM y"], times: twentyFour)

  private static let swiss = Locale(
    german.months.joined(separator: " "), german.shortMonths.joined(separator: " "),
    german.days.joined(separator: " "), german.shortDays.joined(separator: " "), dates: german.dates,
    times: twentyFour, point: ".", grouping: "’", currency: "{s}\u{A0}{n}")

  private static let french = Locale(
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
    "dimanche lundi mardi mercredi jeudi vendredi samedi", "dim. lun. mar. mer. jeu. ven. sam.",
    dates: ["dd/MM/y", "d MMM y", "d MMMM y", "EEEE d MMMM y"], times: twentyFour, grouping: "\u{202F}")

  private static let spanish = Locale(
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "ene feb mar abr may jun jul ago sept oct nov dic",
    "domingo lunes martes miércoles jueves viernes sábado", "dom lun mar mié jue vie sáb",
    dates: ["d/M/yy", "d MMM y", "d 'de' MMMM 'de' y", "EEEE, d 'de' MMMM 'de' y"], times: twentyFour,
    am: "a.\u{A0}m.",
    pm: "p.\u{A0}m.")

  private static let italian = Locale(
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "gen feb mar apr mag giu lug ago set ott nov dic",
    "domenica lunedì martedì mercoledì giovedì venerdì sabato", "dom lun mar mer gio ven sab",
    dates: ["dd/MM/yy", "d MMM y", "d MMMM y", "EEEE d MMMM y"], times: twentyFour)

  private static let portuguese = Locale(
    "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "jan. fev. mar. abr. mai. jun. jul. ago. set. out. nov. dez.",
    "domingo segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado",
    "dom. seg. ter. qua. qui. sex. sáb.",
    dates: ["dd/MM/y", "d 'de' MMM 'de' y", "d 'de' MMMM 'de' y", "EEEE, d 'de' MMMM 'de' y"],
    times: twentyFour,
    currency: "{s}\u{A0}{n}")

  private static let dutch = Locale(
    "januari februari maart april mei juni juli augustus september oktober november december",
    "jan feb mrt apr mei jun jul aug sep okt nov dec",
    "zondag maandag dinsdag woensdag donderdag vrijdag zaterdag", "zo ma di wo do vr za",
    dates: ["dd-MM-y", "d MMM y", "d MMMM y", "EEEE d MMMM y"], times: twentyFour, currency: "{s}\u{A0}{n}")

  private static let swedish = Locale(
    "januari februari mars april maj juni juli augusti september oktober november december",
    "jan. feb. mars apr. maj juni juli aug. sep. okt. nov. dec.",
    "söndag måndag tisdag onsdag torsdag fredag lördag", "sön mån tis ons tors fre lör",
    dates: ["y-MM-dd", "d MMM y", "d MMMM y", "EEEE d MMMM y"], times: twentyFour, grouping: "\u{A0}",
    am: "fm", pm: "em")

  private static let danish = Locale(
    "januar februar marts april maj juni juli august september oktober november december",
    "jan. feb. mar. apr. maj jun. jul. aug. sep. okt. nov. dec.",
    "søndag mandag tirsdag onsdag torsdag fredag lørdag", "søn. man. tirs. ons. tors. fre. lør.",
    dates: ["dd.MM.y", "d. MMM y", "d. MMMM y", "EEEE 'den' d. MMMM y"],
    times: ["HH.mm", "HH.mm.ss", "HH.mm.ss z", "HH.mm.ss zzzz"])

  private static let norwegian = Locale(
    "januar februar mars april mai juni juli august september oktober november desember",
    "jan. feb. mars apr. mai juni juli aug. sep. okt. nov. des.",
    "søndag mandag tirsdag onsdag torsdag fredag lørdag", "søn. man. tir. ons. tor. fre. lør.",
    dates: ["dd.MM.y", "d. MMM y", "d. MMMM y", "EEEE d. MMMM y"], times: twentyFour, grouping: "\u{A0}",
    am: "a.m.", pm: "p.m.")

  private static let finnish = Locale(
    "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta "
      + "marraskuuta joulukuuta",
    "tammik. helmik. maalisk. huhtik. toukok. kesäk. heinäk. elok. syysk. lokak. marrask. jouluk.",
    "sunnuntaina maanantaina tiistaina keskiviikkona torstaina perjantaina lauantaina",
    "su ma ti ke to pe la",
    dates: ["d.M.y", "d.M.y", "d. MMMM y", "EEEE d. MMMM y"],
    times: ["H.mm", "H.mm.ss", "H.mm.ss z", "H.mm.ss zzzz"],
    grouping: "\u{A0}", am: "ap.", pm: "ip.")

  private static let polish = Locale(
    "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    "sty lut mar kwi maj cze lip sie wrz paź lis gru",
    "niedziela poniedziałek wtorek środa czwartek piątek sobota", "niedz. pon. wt. śr. czw. pt. sob.",
    dates: ["d.MM.y", "d MMM y", "d MMMM y", "EEEE, d MMMM y"], times: twentyFour, grouping: "\u{A0}")

  private static let all: [String: Locale] = [
    "en": english, "us": english, "en-gb": british, "en-ie": british, "en-au": british, "en-nz": british,
    "de": german, "de-ch": swiss, "fr": french, "es": spanish, "it": italian, "pt": portuguese, "nl": dutch,
    "sv": swedish, "da": danish, "nb": norwegian, "no": norwegian, "nn": norwegian, "fi": finnish,
    "pl": polish,
  ]
}
