"""Draws what a terminal shows of a real run as SVG: picture.py PROBE LAB FILE [--check].

With --check the drawing is compared by its shape: the command, the marks, the codes and the verdict, not times or wording.
"""

import html
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from uses import NAMES, planned, variables

NETWORK = "sql-blocked"
COMMAND = "apim-probe"
COLUMN, LINE, MARGIN, BAR = 8.43, 19, 18, 34
BACKGROUND, FRAME, TEXT, DIM = "#11161d", "#2b3440", "#d7dee6", "#93a1b0"
# The colours of a terminal, readable on the background (4.5:1 and more).
COLOURS = {31: "#ff7b72", 32: "#56d364", 33: "#e3b341", 34: "#79c0ff", 35: "#d2a8ff", 36: "#76e3ea", 90: DIM}
ESCAPE = re.compile(r"\x1b\[([\d;]*)m")
SHAPE = re.compile(r"^[✗✓!]|\b(?:HEALTHY|DEGRADED|UNHEALTHY|UNDECIDED)\b|\baz [a-z-]+(?: [a-z-]+)*|\b(?:dns|connect|tls|service-tag|port)-[a-z-]+\b", re.M)


def run(probe, lab):
    """The lines of the run, with the colours that a terminal would get."""
    with tempfile.TemporaryDirectory() as folder:
        plan = pathlib.Path(folder) / "plan.json"
        plan.write_text(json.dumps(planned(probe)))
        environment = {**os.environ, **variables(NAMES), "APIM_PROBE_PUBLIC_ROOTS": "{roots}", "LC_ALL": "C.UTF-8", "TERM": "xterm-256color"}
        script = 'APIM_PROBE_PUBLIC_ROOTS=$1 exec "$2" --color always'
        command = [lab, "--scenario", NETWORK, "--plan", plan, "--", "unshare", "--uts", "sh", "-c", f"hostname vm; {script}", "sh", "{roots}", probe]
        ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=environment, check=False)
    if ended.returncode != 1 or "UNHEALTHY" not in ended.stdout:
        sys.exit(f"the run did not end as it should: exit {ended.returncode}\n{ended.stdout}")
    return ended.stdout.rstrip("\n").split("\n")


def spans(line):
    """The pieces of a line: column, text, colour, and whether it is bold or dim."""
    colour, bold, dim, column, pieces, at = None, False, False, 0, [], 0
    for found in [*ESCAPE.finditer(line), None]:
        text = line[at:found.start() if found else len(line)]
        if text.strip():
            pieces.append((column, text, colour, bold, dim))
        column += len(text)
        if found is None:
            return pieces
        at = found.end()
        for code in [int(code or 0) for code in found[1].split(";")]:
            if code == 0:
                colour, bold, dim = None, False, False
            elif code == 1:
                bold = True
            elif code == 2:
                dim = True
            elif code in COLOURS:
                colour = COLOURS[code]


def drawing(lines):
    """The SVG of a terminal that shows these lines below the command."""
    lines = [f"\x1b[32m$\x1b[0m \x1b[1m{COMMAND}\x1b[0m", *lines]
    plain = [ESCAPE.sub("", line) for line in lines]
    width = round(max(map(len, plain)) * COLUMN + 2 * MARGIN)
    height = len(lines) * LINE + BAR + 2 * MARGIN - 4
    rows = []
    for place, line in enumerate(lines):
        y = BAR + MARGIN + place * LINE + 10
        for column, text, colour, bold, dim in spans(line):
            start = column + len(text) - len(text.lstrip())
            style = f' fill="{colour or (DIM if dim else TEXT)}"' + (' font-weight="600"' if bold else "")
            text = text.strip()
            rows.append(f'<text x="{MARGIN + start * COLUMN:.1f}" y="{y}" textLength="{len(text) * COLUMN:.1f}"{style}>{html.escape(text)}</text>')
    lights = "".join(f'<circle cx="{MARGIN + 4 + 18 * n}" cy="{BAR // 2 + 2}" r="5.5" fill="{FRAME}"/>' for n in range(3))
    verdict = html.escape(plain[-1])
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img" aria-labelledby="title">\n'
            f'<title id="title">A run of apim-probe in a subnet whose firewall drops SQL: {verdict}</title>\n'
            f'<rect width="{width}" height="{height}" rx="9" fill="{BACKGROUND}" stroke="{FRAME}"/>\n{lights}\n'
            '<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, \'DejaVu Sans Mono\', monospace" font-size="14" xml:space="preserve" '
            'lengthAdjust="spacingAndGlyphs">\n' + "\n".join(rows) + "\n</g>\n</svg>\n")


def shape(svg):
    """What must not differ between two drawings of the same program."""
    texts = [html.unescape(text) for text in re.findall(r"<text[^>]*>([^<]*)</text>", svg)]
    return sorted(set(SHAPE.findall("\n".join(texts)))), svg.count(f">{COMMAND}<")


def main(probe, lab, file, check):
    file = pathlib.Path(file)
    new = drawing(run(os.path.abspath(probe), os.path.abspath(lab)))
    if not check:
        file.write_text(new)
        return 0
    if shape(file.read_text()) != shape(new):
        print(f"{file} shows another run: {shape(file.read_text())} and now {shape(new)}; run scripts/picture and look at it", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    if sys.argv[4:] not in ([], ["--check"]):
        sys.exit("usage: scripts/picture [--check]")
    sys.exit(main(*sys.argv[1:4], sys.argv[4:] == ["--check"]))
