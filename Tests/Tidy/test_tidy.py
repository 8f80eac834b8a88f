"""The style rules that a machine can check. A rule that has to be broken gets an entry here, with the reason."""

import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FILE_LINES = 400
FUNCTION_LINES = 70

# In the order a message travels; a target imports those above it, never those below.
ORDER = ["MailModel", "MailFormats", "Signing", "HubL", "EmailDesign", "TemplateImport", "Composition", "Storage",
         "Transport", "Intake", "Delivery", "Events", "Web", "Server", "brevdue"]
PURE = ["MailModel", "MailFormats", "Signing", "HubL", "EmailDesign", "TemplateImport"]

# File → lines it may have, because it is one subject that would not be clearer in two files.
LONG_FILES = {}


def swift_files(*folders):
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.swift"))


def target(path):
    return path.relative_to(ROOT).parts[1]


def code(path):
    """The file without comments and without what stands in string literals; line numbers stay."""
    text = path.read_text()
    pattern = re.compile(
        r'(?P<raw>#+"(?:"""|).*?"#+)|(?P<block>""".*?""")|(?P<text>"(?:\\.|[^"\\\n])*")|(?P<line>//[^\n]*)'
        r'|(?P<comment>/\*.*?\*/)', re.S)

    def blank(match):
        kept = "\n" * match.group(0).count("\n")
        return '""' + kept if match.lastgroup in ("raw", "block", "text") else kept
    return pattern.sub(blank, text)


def offences(files, pattern, strip=True):
    found = []
    expression = re.compile(pattern, re.M)
    for path in files:
        text = code(path) if strip else path.read_text()
        for match in expression.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            found.append(f"{path.relative_to(ROOT)}:{line}: {match.group(0).strip()}")
    return found


def assert_none(found, what):
    assert not found, f"{what}:\n  " + "\n  ".join(found)


def imports(path):
    return re.findall(r"^\s*(?:@\w+(?:\(\w+\))?\s+)*(?:public |internal |package )?import (?:struct |class |func |enum )?(\w+)",
                      code(path), re.M)


def test_imports_point_up():
    found = []
    for path in swift_files("Sources"):
        here = target(path)
        if here not in ORDER:
            continue
        below = set(ORDER[ORDER.index(here) + 1:])
        found += [f"{path.relative_to(ROOT)} imports {name}" for name in imports(path) if name in below]
    assert_none(found, f"imports point up this list, never down: {', '.join(ORDER)}")


def test_pure_targets_have_no_foundation():
    files = [path for name in PURE for path in swift_files(f"Sources/{name}")]
    found = [f"{path.relative_to(ROOT)} imports {name}" for path in files for name in imports(path)
             if name.startswith("Foundation") or name.startswith("NIO") or name in ("Dispatch", "Logging")]
    assert_none(found, f"{', '.join(PURE)} know only bytes and values")


def test_sql_lives_in_storage():
    words = r'"[^"\n]*\b(?:SELECT\s+[\w*(]|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|CREATE\s+(?:TABLE|INDEX)|PRAGMA\s)'
    files = [path for path in swift_files("Sources") if target(path) != "Storage"]
    assert_none(offences(files, words, strip=False), "SQL outside of Storage")
    assert_none([f"{path.relative_to(ROOT)}" for path in files if "GRDB" in imports(path)], "GRDB outside of Storage")


def test_sockets_live_in_transport():
    words = r"\b(?:ServerBootstrap|ClientBootstrap|DatagramBootstrap|NIOSSLServerHandler|NIOSSLClientHandler)\b|(?<![.\w])socket\("
    files = [path for path in swift_files("Sources") if target(path) not in ("Transport", "Web")]
    assert_none(offences(files, words), "sockets outside of Transport (and HTTP in Web)")


@pytest.mark.parametrize("what, pattern", [
    ("try!", r"\btry!"),
    ("as!", r"\bas!"),
    ("fatalError", r"\bfatalError\("),
    ("preconditionFailure", r"\bpreconditionFailure\("),
    ("Task.detached", r"\bTask\.detached\b"),
    ("force unwrap", r"(?<=[\w)\]])!(?=[\s.,;:)\]}\[(?]|$)(?!=)"),
    ("DispatchQueue.global", r"DispatchQueue\.global\b"),
    ("print in a library", r"(?<![.\w])print\("),
])
def test_words_that_do_not_belong(what, pattern):
    files = swift_files("Sources")
    if what == "print in a library":
        files = [path for path in files if target(path) != "brevdue"]
    assert_none(offences(files, pattern), what)


def test_nothing_is_left_to_do():
    assert_none(offences(swift_files("Sources", "Tests"), r"\b(?:TODO|FIXME|XXX)\b", strip=False), "left to do")


def test_unchecked_sendable_says_why():
    """The lines right above must name the lock or the loop that guards it."""
    found = []
    for path in swift_files("Sources"):
        lines = path.read_text().splitlines()
        for number, line in enumerate(lines):
            if "@unchecked Sendable" in line or "nonisolated(unsafe)" in line:
                above = "\n".join(lines[max(0, number - 8):number + 1])
                if "//" not in above or not re.search(r"lock|loop|thread|guard|once|immutable|mutex", above, re.I):
                    found.append(f"{path.relative_to(ROOT)}:{number + 1}")
    assert_none(found, "no word on what guards it")


def test_no_test_sleeps_to_wait():
    assert_none(offences(swift_files("Tests"), r"\bThread\.sleep|(?<![.\w])u?sleep\("), "a sleep in a test")


def test_files_are_short():
    found = []
    for path in swift_files("Sources"):
        lines = path.read_text().count("\n")
        if lines > LONG_FILES.get(str(path.relative_to(ROOT)), FILE_LINES):
            found.append(f"{path.relative_to(ROOT)}: {lines} lines")
    assert_none(found, f"files over {FILE_LINES} lines")


def functions(text):
    """(first line, number of lines, name) of each func and init, by counting braces."""
    for match in re.finditer(r"^[ \t]*(?:@\w+(?:\([^)\n]*\))?\s+)*(?:[a-z()]+\s+)*(?:func\s+([^\s(<]+)|(init)[?!]?(?=[(<]))",
                             text, re.M):
        # The body opens behind the parameters, at depth 0 of parentheses; requirements of protocols have none.
        depth, at = 0, match.end()
        while at < len(text):
            if text[at] in "([":
                depth += 1
            elif text[at] in ")]":
                depth -= 1
            elif text[at] == "{" and depth == 0:
                break
            elif text[at] == "}" and depth == 0:
                at = len(text)
            elif text[at] == "\n" and depth == 0 and re.match(
                    r"\s*(?:@|func |init|var |let |static |public |private |case |///)", text[at + 1:at + 60]):
                at = len(text)
            at += 1
        if at >= len(text):
            continue
        end, braces = at, 0
        while end < len(text):
            braces += {"{": 1, "}": -1}.get(text[end], 0)
            if braces == 0:
                break
            end += 1
        first = text.count("\n", 0, match.start()) + 1
        yield first, text.count("\n", match.start(), end) + 1, match.group(1) or "init"


def test_functions_are_short():
    found = []
    for path in swift_files("Sources"):
        for first, lines, name in functions(code(path)):
            if lines > FUNCTION_LINES:
                found.append(f"{path.relative_to(ROOT)}:{first}: {name} has {lines} lines")
    assert_none(found, f"functions over {FUNCTION_LINES} lines")


def test_public_things_are_explained():
    """A public type that does not stand inside another has a sentence above it."""
    found = []
    for path in swift_files("Sources"):
        lines = path.read_text().splitlines()
        for number, line in enumerate(lines):
            if re.match(r"public (?:final )?(?:struct|class|enum|protocol|actor) \w(?!.*\{\}$)", line):
                above = number - 1
                while above >= 0 and lines[above].strip().startswith("@"):
                    above -= 1
                if above < 0 or "//" not in lines[above]:
                    found.append(f"{path.relative_to(ROOT)}:{number + 1}: {line.strip()}")
    assert_none(found, "public types without a word")


def test_documents_link_to_what_is_there():
    found = []
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    for path in documents:
        for link in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text()):
            if not re.match(r"[a-z]+:", link) and not (path.parent / link).exists():
                found.append(f"{path.relative_to(ROOT)}: {link}")
    assert_none(found, "links that lead nowhere")


def test_the_tree_holds_no_secrets_or_leftovers():
    tracked = subprocess.run(["git", "-C", ROOT, "ls-files"], capture_output=True, text=True, check=True).stdout.split("\n")
    wrong = [name for name in tracked if re.search(r"(^|/)(\.DS_Store|data/|\.venv/)|\.(?:orig|rej|sqlite|db|log)$", name)]
    assert_none(wrong, "not for the repository")


def test_these_rules_can_fail():
    """A rule that finds nothing because its pattern is wrong would be no rule."""
    long = "func short() {\n}\n  public init(\n    a: Int = f({ 1 })\n  ) {\n" + "    x()\n" * 80 + "  }\n"
    assert [(lines > FUNCTION_LINES, name) for _, lines, name in functions(long)] == [(False, "short"), (True, "init")]
    assert sum(1 for path in swift_files("Sources") for _ in functions(code(path))) > 100
