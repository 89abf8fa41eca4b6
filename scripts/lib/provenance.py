"""Writes where the files of a release come from: provenance.py FOLDER COMMIT, an in-toto statement with SLSA's provenance.

Its subjects are all files of the folder; its dependencies the commit, the compiler, and every crate of Cargo.lock with the
checksum that cargo held it to. Nothing in it depends on when or where it was built. It is not signed: that needs a key."""

import hashlib
import json
import pathlib
import subprocess
import sys
import tomllib


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def crates():
    """Every crate that came from a registry."""
    lock = tomllib.loads(pathlib.Path("Cargo.lock").read_text(encoding="utf-8"))
    return [{"uri": f"pkg:cargo/{crate['name']}@{crate['version']}", "digest": {"sha256": crate["checksum"]}}
            for crate in lock["package"] if "checksum" in crate]


def compilers():
    """rustc as it tells of itself; from where the standard library's sources are used, the one that compiled them too."""
    said = {subprocess.run([rustc, "--version", "--verbose"], stdout=subprocess.PIPE, check=True, text=True).stdout
            for rustc in sys.argv[3:] or ["rustc"]}
    facts = (dict(line.split(": ", 1) for line in text.splitlines() if ": " in line) for text in sorted(said))
    return [{"name": "rustc", "annotations": {"release": one["release"], "commit": one["commit-hash"], "host": one["host"]}}
            for one in facts]


def statement(folder, commit):
    files = sorted(path for path in folder.iterdir() if path.is_file())
    source = {"uri": "git+.", "digest": {"gitCommit": commit}, "name": "source"}
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": path.name, "digest": {"sha256": sha256(path)}} for path in files],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": "urn:apim-probe:scripts/release:1",
                "externalParameters": {"source": source["uri"], "commit": commit},
                "internalParameters": {},
                "resolvedDependencies": [source, *compilers(), *crates()],
            },
            "runDetails": {"builder": {"id": "urn:apim-probe:scripts/release"}},
        },
    }


def main():
    folder, commit = pathlib.Path(sys.argv[1]), sys.argv[2]
    version = tomllib.loads(pathlib.Path("Cargo.toml").read_text(encoding="utf-8"))["workspace"]["package"]["version"]
    text = json.dumps(statement(folder, commit), indent=1) + "\n"
    (folder / f"apim-probe-{version}.intoto.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
