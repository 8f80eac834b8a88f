/// Mail that is not transactional says who sends it and how to get no more.
enum ConsentChecks {
  static func findings(_ subject: CheckSubject) -> [Finding] {
    guard !subject.facts.compile.isTransactional else { return [] }
    var findings = [Finding]()
    if !subject.outline.hasUnsubscribe {
      findings.append(
        Finding(
          .stop, "unsubscribe-missing", .email, "There is no link to unsubscribe.",
          fix:
            "Add a footer, or a link to {{ unsubscribe_link_all }}: law asks for it unless mail is transactional."
        ))
    }
    if !subject.outline.hasAddress {
      findings.append(
        Finding(
          .stop, "address-missing", .email, "There is no postal address.",
          fix: "Add a footer, or {{ site_settings.company_street_address_1 }} and its kin."))
    }
    return findings
  }
}
