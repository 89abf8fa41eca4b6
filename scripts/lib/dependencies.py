"""Writes docs/dependencies.md: what each library is for, and what it weighs in a release binary that has kept its symbols.

    dependencies.py [BINARY]      without one the weights stay as the page has them"""

import collections
import json
import pathlib
import re
import subprocess
import sys

PAGE = pathlib.Path("docs/dependencies.md")
OURS = ["apim-probe", "apim-probe-azure", "apim-probe-catalogue", "apim-probe-checks"]
# What each is for, and what was weighed against it.
REASONS = {
    "anstyle": "colours as values; clap brings it along",
    "base64": "base64 on a serial console and for a proxy's user",
    "clap": "the command line: parsing, help, nearest matches, completions from the same definition",
    "crc": "the checksum of each line on a serial console",
    "hickory-proto": "DNS messages as bytes. Not its resolver: that hides which server said what",
    "http-body-util": "bodies of requests and answers",
    "httpdate": "the dates of `Date` and `Retry-After`",
    "humantime": "RFC 3339 and `5s`, without a calendar of time zones",
    "hyper": "HTTP/1.1 over a stream of our own, so that every stage has its own time",
    "hyper-util": "hyper on tokio's streams",
    "idna_adapter": "held at 1.0.0, which has no Unicode tables: host names here are ASCII (400 kB)",
    "ipnet": "prefixes of addresses",
    "miniz_oxide": "deflated texts in the binary, and the console's report",
    "nix": "error queues, TCP_INFO, limits, terminals, without unsafe code of ours",
    "percent-encoding": "ids of resources in addresses; hickory-proto brings it along",
    "resolv-conf": "reading resolv.conf",
    "ring": "cryptography for rustls: static, needs only a C compiler",
    "rustls": "TLS, with every fault of a certificate as a value",
    "rustls-native-certs": "the machine's own roots, read when a chain asks for them",
    "rustls-pki-types": "certificates and PEM",
    "sd-notify": "readiness and status for systemd while `wait` runs",
    "serde": "reading and writing documents",
    "serde_json": "documents and reports as JSON",
    "socket2": "options of sockets that tokio does not set",
    "strsim": "the nearest match of a name; clap brings it along",
    "terminal_size": "the width of the terminal; clap brings it along",
    "thiserror": "errors with their sentence; nothing of it is in the binary",
    "tokio": "everything at once: tasks, timers, sockets, signals",
    "tokio-rustls": "rustls on tokio's streams",
    "toml": "reading the catalogue, when it is built; nothing of it is in the binary",
    "tracing": "only for its feature that compiles out what other libraries would trace",
    "unicode-width": "how many columns a name takes",
    "webpki-roots": "Mozilla's roots, since the machine's are not API Management's",
    "x509-parser": "names, dates and issuers of certificates that did not pass",
}
HEAD = """# Dependencies

What is linked into the program, what each library is for, and what its code weighs: symbols that bear its name in the glibc
binary, in kilobytes of 1,024 bytes; code that was compiled into a caller counts there,
and data without a name nowhere. Written by `scripts/dependencies`;
licences, sources and bans are held by `cargo deny`, and [deny.toml](../deny.toml) says why.

| library | version | for | kB |
|---|---|---|---|
"""


def metadata():
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--filter-platform", "x86_64-unknown-linux-gnu"]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)["packages"]


def weights(binary):
    """Bytes by the crate whose name a symbol bears first; of a trait's implementation, that of the first foreign crate."""
    out = subprocess.run(["nm", "--print-size", "--demangle", binary], stdout=subprocess.PIPE, text=True, check=True).stdout
    weighed = collections.Counter()
    for line in out.splitlines():
        parts = line.split(" ", 3)
        if len(parts) == 4 and parts[2] not in "bB":
            names = [name for name in re.findall(r"([a-z_][a-z_0-9]*)(?:\[[0-9a-f]+\])?::", parts[3])
                     if name not in ("core", "alloc", "std")]
            symbol = "ring" if re.search(r"ring_core|nistz256", parts[3]) else names[0] if names else "c"
            weighed[symbol] += int(parts[1], 16)
    return weighed


def kept():
    """The weights that the page has."""
    rows = re.findall(r"^\| (\S+) \| \S+ \| .* \| (\S*) \|$", PAGE.read_text(encoding="utf-8"), re.M) if PAGE.exists() else []
    return dict(rows)


def main():
    packages = metadata()
    direct = {need["name"] for package in packages if package["name"] in OURS
              for need in package["dependencies"] if need["kind"] is None and not need.get("path")}
    missing = direct - REASONS.keys()
    if missing:
        sys.exit(f"no reason is written for {', '.join(sorted(missing))}: scripts/lib/dependencies.py")
    used = {package["name"]: package["version"] for package in packages}
    weighed, old = weights(sys.argv[1]) if len(sys.argv) > 1 else None, kept()
    rows = []
    for name in sorted(direct):
        symbol = {"clap": "clap_builder"}.get(name, name.replace("-", "_"))
        weight = f"{weighed[symbol] / 1024:.0f}" if weighed else old.get(name, "")
        rows.append(f"| {name} | {used[name]} | {REASONS[name]} | {weight} |\n")
    PAGE.write_text(HEAD + "".join(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
