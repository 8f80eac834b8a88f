extension Starter {
  /// Somebody signed up.
  static let welcome = Starter(
    "welcome", "Welcome with confirmation",
    "After signing up: confirms the address and says what to do first.",
    Draft(
      subject: "Confirm your e-mail address for \(token: "site_settings.company_name", or: "your account")",
      preheader: "One click, and your account is ready."
    ).document(
      [
        .plain(
          .heading("Welcome, \(token: "contact.firstname", or: "good to have you here")"),
          .text(
            "Thank you for signing up. Please confirm that \(token: "contact.email", or: "this address", isBold: true) is yours, so that we can reach you about your account."
          ),
          .button("Confirm your address", to: "custom.confirm_url"),
          .text("The link works for \(token: "custom.valid_for", or: "24 hours").", tone: .small)),
        .panel(
          .heading("What comes next", level: 2),
          .list(
            isOrdered: true, "Confirm your address with the button above.",
            "Complete your profile; it takes two minutes.", "Invite the people you work with.")),
        .plain(
          .text(
            "Didn’t sign up? Somebody may have mistyped their address. You can ignore this e-mail.",
            tone: .small)),
      ],
      footer: "You get this e-mail because this address was used to sign up."),
    custom: ["confirm_url": "https://example.com/confirm/8f2c", "valid_for": "24 hours"])

  /// A password was forgotten.
  static let passwordReset = Starter(
    "password-reset", "Password reset",
    "Lets somebody choose a new password, and calms those who did not ask.",
    Draft(
      subject: "Reset your password",
      preheader:
        "The link works for \(token: "custom.valid_for", or: "one hour"). Didn’t ask for it? You can ignore this e-mail."
    ).document(
      [
        .plain(
          .heading("Reset your password"),
          .text(
            "Hi \(token: "contact.firstname", or: "there"), somebody asked for a new password for your account at \(token: "site_settings.company_name", or: "our site"). If that was you, choose one here:"
          ),
          .button("Choose a new password", to: "custom.reset_url"),
          .text(
            "The link works once, and for \(token: "custom.valid_for", or: "one hour").",
            "Wasn’t it you? You can ignore this e-mail: your password stays as it is.", tone: .small))
      ],
      footer: "You get this e-mail because a new password was asked for. We never ask for your password."),
    custom: ["reset_url": "https://example.com/reset/3b9e", "valid_for": "one hour"])

  /// A second factor.
  static let signInCode = Starter(
    "sign-in-code", "Sign-in code", "A code to be typed in when signing in.",
    Draft(
      subject: "\(token: "custom.code") is your sign-in code",
      preheader: "It is valid for \(token: "custom.valid_for", or: "10 minutes"). Never share it."
    ).document(
      [
        .plain(
          .heading("Your sign-in code"),
          .text("Enter this code where you are signing in:"),
          .code("custom.code"),
          .text(
            "It is valid for \(token: "custom.valid_for", or: "10 minutes") and works once.",
            "Do not share it with anybody. We will never ask you for it, not by phone and not in a chat.",
            tone: .small))
      ],
      footer:
        "You get this e-mail because somebody is signing in with this address. If it is not you, change your password."
    ),
    custom: ["code": "492 817", "valid_for": "10 minutes"])

  /// Something that should not happen unnoticed.
  static let securityAlert = Starter(
    "security-alert", "Security alert", "Tells of a new sign-in, and what to do if it was somebody else.",
    Draft(
      subject: "New sign-in to your account",
      preheader:
        "\(token: "custom.sign_in.device", or: "A new device"), \(token: "custom.sign_in.place", or: "place unknown"). Was it you?"
    ).document(
      [
        .plain(
          .heading("Was this you?"),
          .text(
            "Hi \(token: "contact.firstname", or: "there"), somebody signed in to your account from a device that we have not seen before."
          )),
        .panel(
          .details(
            .pair("Time", "\(token: "custom.sign_in.time")"),
            .pair("Device", "\(token: "custom.sign_in.device", or: "Unknown")"),
            .pair("Place", "\(token: "custom.sign_in.place", or: "Unknown")"),
            .pair("IP address", "\(token: "custom.sign_in.ip")", when: "custom.sign_in.ip"))),
        .plain(
          .text("\(bold: "If it was you"), there is nothing you need to do."),
          .text(
            "\(bold: "If it was not"), secure your account now. This signs everyone out and asks for a new password."
          ),
          .button("Secure my account", to: "custom.secure_url")),
      ],
      footer: "You get these notices because they keep your account safe. They cannot be turned off."),
    custom: [
      "sign_in": [
        "time": "14 November 2026, 09:31 UTC", "device": "Firefox on Windows",
        "place": "Lyon, France (estimated)",
        "ip": "203.0.113.24",
      ],
      "secure_url": "https://example.com/secure",
    ])
}
