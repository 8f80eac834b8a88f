"""The starter e-mails, as the command line gives them."""

import json
import subprocess

from installation import binary

STARTERS = ["receipt", "invoice", "order-shipped", "order-delivered", "welcome", "password-reset", "sign-in-code",
            "security-alert", "change-of-terms", "payment-failed", "subscription-renewed", "letter"]


def template(*arguments):
    """What a `template` command prints."""
    return subprocess.run(
        [binary(), "template", *map(str, arguments)], capture_output=True, text=True, check=True).stdout


def sample(name):
    """The values to look at it with."""
    return json.loads(template("starters", name, "--sample"))


def compiled(name, folder):
    """Its `subject`, `preheader`, `html` and `text`, all with HubL in them; the document is left in `folder`."""
    document = folder / f"{name}.json"
    document.write_text(template("starters", name))
    return json.loads(template("compile", document, "--json"))
