"""HubL beside Jinja2: a receipt with 20 lines, the same template and values, each in one process and on one thread.

    .venv/bin/python bench/hubl.py [--binary FILE]

Both count processor time and take the best of many measurements, so that other work on the machine matters less.
"""

import argparse
import json
import pathlib
import subprocess
import time

import jinja2

HERE = pathlib.Path(__file__).resolve().parent
TEMPLATE = HERE / "hubl" / "receipt.html"
VALUES = HERE / "hubl" / "receipt.json"
GOAL_RATIO, GOAL_MICROSECONDS = 10, 50


def of_jinja2(rounds=200, measurements=20):
    template = jinja2.Environment(autoescape=True, keep_trailing_newline=True).from_string(TEMPLATE.read_text())
    values = json.loads(VALUES.read_text())
    best = float("inf")
    for _ in range(measurements):
        start = time.process_time()
        for _ in range(rounds):
            text = template.render(values)
        best = min(best, (time.process_time() - start) / rounds * 1e6)
    return best, text


def of_hubl(binary):
    done = subprocess.run(
        [binary, "template", "benchmark", TEMPLATE, "--data", VALUES], capture_output=True, text=True, check=True)
    shown = subprocess.run(
        [binary, "template", "render", TEMPLATE, "--data", VALUES], capture_output=True, text=True, check=True).stdout
    return json.loads(done.stdout)["microseconds"], shown


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=HERE.parent / ".build" / "release" / "brevdue")
    binary = parser.parse_args().binary
    theirs, expected = of_jinja2()
    ours, text = of_hubl(binary)
    if text != expected.replace("&#34;", "&quot;"):
        raise SystemExit("the two texts differ")
    print(f"| receipt of 20 lines, {len(text.encode())} bytes | µs |\n|---|---|")
    print(f"| HubL | {ours:.1f} (goal {GOAL_MICROSECONDS}) |\n| Jinja2 {jinja2.__version__} | {theirs:.1f} |")
    print(f"\nJinja2 : HubL = **{theirs / ours:.1f}** (goal {GOAL_RATIO})")


if __name__ == "__main__":
    main()
