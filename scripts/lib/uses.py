"""Runs the commands of docs/use in the lab and writes their output below them, or compares it with what stands there.

A block that is run follows a line `<!-- lab: SCENARIO -->`; its lines that begin with `$ ` are commands. The blocks of a page
share a folder, and the variables that they export. `apim-probe` there is the real binary with the lab's public root, and
`config.json` what Azure would hold of that network, where the lab has it.
"""

import difflib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

CONFIGURATIONS = pathlib.Path("tests/lab/configurations")
NAMES = ("--region eastus2 --storage-account apimstabc123def456ghi789 --sql-server apirpsqlabc123def456gh "
         "--key-vault apikv-abc123def456ghi789 --event-hub contoso-logs --redis contoso-cache")
BLOCK = re.compile(r"<!-- lab: (?P<scenario>[\w-]+) -->\n```console\n(?P<text>.*?)```\n", re.S)

# Runs every command of the file as a person would type it in one shell.
SHELL = r"""
hostname vm 2>/dev/null
export APIM_PROBE_PUBLIC_ROOTS=$1
commands=$3
mkdir -p .bin
ln -sf "$2" .bin/apim-probe
PATH=$PWD/.bin:$PATH
. ./.exports
code=0
while IFS= read -r command <&3; do
  printf '$ %s\n' "$command"
  (exit "$code")
  eval "$command" 2>&1
  code=$?
done 3<"$commands"
"""

# What must not differ from run to run: the commands, verdicts, exit codes, and the codes of findings and causes. The
# layout and the wording around them may.
STABLE = re.compile(r"(?m)^\$ .*$|\b(?:HEALTHY|DEGRADED|UNHEALTHY|UNDECIDED): .*$|^exit code \d+|"
                    r"\b(?:dns|connect|tls|cert|exchange|http|ntp|service-tag|port|firewall|private|outbound|names|address|clock)-[a-z-]+\b")


def stable(text):
    """The parts of the blocks that are compared, one a line, each once in a block: how often a code is named is layout."""
    return "".join(f"{part}\n" for block in BLOCK.finditer(text) for part in dict.fromkeys(STABLE.findall(block["text"])))


def variables(names):
    """Options as the variables of the environment that stand for them."""
    words = names.split()
    return {"APIM_PROBE_" + option.removeprefix("--").replace("-", "_").upper(): value for option, value in zip(words[::2], words[1::2])}


def planned(probe):
    """What the lab serves: the instance's own hosts, and those that stand in for them where no name is given."""
    plans = [json.loads(subprocess.run([probe, "plan", *names, "--format", "json"], stdout=subprocess.PIPE, check=True).stdout)
             for names in [NAMES.split(), ["--region", "eastus2"]]]
    known = {check["id"] for check in plans[0]["checks"]}
    plans[0]["checks"] += [check for check in plans[1]["checks"] if check["id"] not in known]
    return plans[0]


def played(lab, probe, plan, folder, scenario, text):
    """The block's commands with the output that they gave."""
    exports = folder / ".exports"
    exports.touch()
    configuration = CONFIGURATIONS / f"{scenario}.json"
    if configuration.exists():
        shutil.copy(configuration, folder / "config.json")
    commands = folder / ".commands"
    commands.write_text("".join(line[2:] + "\n" for line in text.splitlines() if line.startswith("$ ")))
    ended = subprocess.run([lab, "--scenario", scenario, "--plan", plan, "--", "unshare", "--uts", "bash", "-c", SHELL, "shell",
                            "{roots}", probe, commands], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                           env={**os.environ, "COLUMNS": "80", "LC_ALL": "C.UTF-8", "TERM": "dumb"}, check=False)
    with exports.open("a") as file:
        file.writelines(line[2:] + "\n" for line in text.splitlines() if line.startswith("$ export "))
    if "$ " not in ended.stdout:
        sys.exit(f"the lab gave no output: {ended.stdout}")
    return re.sub(r"[ \t]+$", "", ended.stdout, flags=re.M)


def main(probe, lab, check, pages):
    stale = 0
    for page in map(pathlib.Path, pages):
        before = page.read_text()
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            plan = folder / ".plan.json"
            plan.write_text(json.dumps(planned(probe)))
            os.chmod(folder, 0o755)

            def block(found):
                text = played(lab, probe, plan, folder, found["scenario"], found["text"])
                return f"<!-- lab: {found['scenario']} -->\n```console\n{text}```\n"

            after = BLOCK.sub(block, before)
        if not check:
            page.write_text(after)
        elif stable(before) != stable(after):
            stale += 1
            sys.stdout.writelines(difflib.unified_diff(stable(before).splitlines(True), stable(after).splitlines(True), str(page), "now"))
            print("run scripts/uses and read what has changed")
        print(f"{page}: {len(BLOCK.findall(before))} blocks")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), sys.argv[3] == "--check", sys.argv[4:]))
