"""Prints the licence and its text of every crate that is linked into the release binary, from the sources that cargo fetched."""

import json
import pathlib
import subprocess
import sys

# What the toolchain links beside the crates.
TOOLCHAIN = {
    "gnu": "GNU C library: LGPL-2.1-or-later, linked statically; the source of this program, by which you may link it again\n"
    "with another version, is public (https://www.gnu.org/software/libc/)",
    "musl": "musl C library: MIT (https://musl.libc.org/)",
}
RUST = "Rust standard library: MIT OR Apache-2.0 (https://github.com/rust-lang/rust)"

TEXTS = ("LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE", "UNLICENSE")


def linked(target):
    """The packages on a normal dependency edge from the binary: no build scripts, no tests, no procedural macros."""
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--filter-platform", target]
    metadata = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    packages = {package["id"]: package for package in metadata["packages"]}
    edges = {node["id"]: node["deps"] for node in metadata["resolve"]["nodes"]}
    waiting = [identity for identity, package in packages.items() if package["name"] == "apim-probe"]
    found = set(waiting)
    while waiting:
        for edge in edges[waiting.pop()]:
            normal = any(kind["kind"] is None for kind in edge["dep_kinds"])
            is_macro = any("proc-macro" in one["kind"] for one in packages[edge["pkg"]]["targets"])
            if normal and not is_macro and edge["pkg"] not in found:
                found.add(edge["pkg"])
                waiting.append(edge["pkg"])
    foreign = [packages[identity] for identity in found if packages[identity]["source"]]
    return sorted(foreign, key=lambda package: (package["name"], package["version"]))


def texts(package):
    folder = pathlib.Path(package["manifest_path"]).parent
    files = sorted(file for file in folder.iterdir() if file.is_file() and file.name.upper().startswith(TEXTS))
    return [(file.name, file.read_text(errors="replace").strip()) for file in files]


def main(target):
    packages = linked(target)
    unlicensed = [package["name"] for package in packages if not package["license"]]
    if unlicensed:
        sys.exit(f"no licence is declared by {', '.join(unlicensed)}")
    print(f"apim-probe is linked with these {len(packages)} libraries. Below the list stand the texts that they carry.\n")
    for package in packages:
        print(f"{package['name']} {package['version']}: {package['license']}")
    print(f"\n{RUST}\n{TOOLCHAIN[target.rsplit('-', 1)[-1]]}")
    seen = {}
    for package in packages:
        for name, text in texts(package):
            seen.setdefault(text, []).append(f"{package['name']} {package['version']} ({name})")
    for text, owners in seen.items():
        print("\n" + "=" * 100 + "\n" + "\n".join(owners) + "\n" + "-" * 100 + "\n\n" + text)


main(sys.argv[1])
