extension Starter {
  /// A card was declined.
  static let paymentFailed = Starter(
    "payment-failed", "Payment failed",
    "When a charge did not go through: why, until when, and how to fix it.",
    Draft(
      subject: "Your payment of \(token: "custom.payment.amount") did not go through",
      preheader: "Update your payment method to keep \(token: "custom.plan.name", or: "your plan")."
    ).document(
      [
        .plain(
          .heading("Your payment did not go through"),
          .text(
            "Hi \(token: "contact.firstname", or: "there"), we could not charge \(token: "custom.payment.method", or: "your payment method") for \(token: "custom.plan.name", or: "your plan", isBold: true). It happens, and it is easy to fix."
          )),
        .panel(
          .details(
            .pair("Amount", "\(token: "custom.payment.amount")", isStrong: true),
            .pair("Payment method", "\(token: "custom.payment.method", or: "On file")"),
            .pair("Reason", "\(token: "custom.payment.reason")", when: "custom.payment.reason"),
            .pair("Next try", "\(token: "custom.payment.next_try")", when: "custom.payment.next_try"))),
        .plain(
          .button("Update payment method", to: "custom.payment.url"),
          .text(
            "We will try again automatically. Your plan stays as it is until \(token: "custom.payment.deadline", or: "then"); after that it is paused, and nothing is deleted.",
            tone: .small)),
      ],
      footer: "You get this e-mail because you are responsible for the billing of this account."),
    custom: [
      "plan": ["name": "the Studio plan"],
      "payment": [
        "amount": "£120.00", "method": "Visa ending in 4242", "reason": "The card has expired",
        "next_try": "17 November 2026", "deadline": "28 November 2026", "url": "https://example.com/billing",
      ],
    ])

  /// Another month or year was paid.
  static let subscriptionRenewed = Starter(
    "subscription-renewed", "Subscription renewed",
    "After a renewal: what was charged, and until when it holds.",
    Draft(
      subject: "\(token: "custom.plan.name", or: "Your subscription") is renewed",
      preheader:
        "We charged \(token: "custom.plan.price"). The next renewal is on \(token: "custom.plan.next_renewal")."
    ).document(
      [
        .plain(
          .heading("Your subscription is renewed"),
          .text(
            "Hi \(token: "contact.firstname", or: "there"), thank you for staying with us. \(token: "custom.plan.name", or: "Your plan", isBold: true) continues without a break."
          )),
        .panel(
          .details(
            .pair("Plan", "\(token: "custom.plan.name", or: "Your plan")"),
            .pair("Period", "\(token: "custom.plan.period")"),
            .pair("Charged to", "\(token: "custom.plan.method")", when: "custom.plan.method"),
            .pair("Next renewal", "\(token: "custom.plan.next_renewal")"),
            .pair("Total", "\(token: "custom.plan.price")", isStrong: true))),
        .plain(
          .button("Manage subscription", to: "custom.plan.manage_url"),
          .text(
            "Need the invoice for your books? \(link: "Download the invoice", to: "custom.plan.invoice_url"). You can cancel at any time before the next renewal.",
            tone: .small)),
      ],
      footer: "You get this e-mail because you have a subscription with us."),
    custom: [
      "plan": [
        "name": "Studio, yearly", "period": "14 November 2026 – 13 November 2027", "price": "£1,200.00",
        "method": "Visa ending in 4242", "next_renewal": "14 November 2027",
        "manage_url": "https://example.com/subscription",
        "invoice_url": "https://example.com/invoices/2026-0317.pdf",
      ]
    ])
}
