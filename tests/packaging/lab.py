"""What the tests of the packages share: the artefacts, the lab's network, and a throw-away machine in it."""

import contextlib
import json
import os
import pathlib
import re
import subprocess
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).parent
PROJECT = HERE.parent.parent
DIST = pathlib.Path(os.environ["APIM_PROBE_DIST"])
LAB = pathlib.Path(os.environ["APIM_PROBE_LAB"])

# Names that the instance of the lab has.
NAMES = ("--region eastus2 --storage-account apimstabc123def456ghi789 --sql-server apirpsqlabc123def456gh "
         "--key-vault apikv-abc123def456ghi789 --event-hub contoso-logs --redis contoso-cache").split()

needs_namespaces = unittest.skipIf(os.environ.get("APIM_PROBE_NO_NETNS"), "APIM_PROBE_NO_NETNS is set")
needs_root = unittest.skipIf(os.geteuid() != 0, "not root: no throw-away machine")


def artefact(pattern):
    """The one artefact whose whole name fits."""
    found = [path for path in DIST.iterdir() if re.fullmatch(pattern, path.name)]
    assert len(found) == 1, f"{pattern}: {found}"
    return found[0]


PROBE = artefact(r"apim-probe-[\d.]+-x86_64-unknown-linux-(gnu|musl)")
DEB = artefact(r"apim-probe_[\d.]+_amd64\.deb")
# Made only where rpmbuild is.
RPM = next(DIST.glob("*.x86_64.rpm"), None)

needs_rpm = unittest.skipIf(RPM is None, "no .rpm was made: rpmbuild is missing")


def run(*command, **more):
    """Runs a command; its standard output and error are text, together."""
    return subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=300, check=False, **more)


def plan_file(folder):
    """The plan that the lab builds its network from."""
    path = pathlib.Path(folder) / "plan.json"
    path.write_bytes(subprocess.run([PROBE, "plan", *NAMES, "--format", "json"], stdout=subprocess.PIPE, check=True).stdout)
    return path


def in_lab(scenario, *command, **more):
    """Runs a command on the lab's VM; `{roots}` in it is the file of the lab's public root."""
    with tempfile.TemporaryDirectory() as folder:
        return run(LAB, "--scenario", scenario, "--plan", plan_file(folder), "--", *command, **more)


@contextlib.contextmanager
def network(scenario):
    """The lab's network as long as it is wanted: the folder with its `roots.pem`, and a process in it."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        hold = 'read -r pid _ </proc/self/stat; cp "$1" "$2/roots.pem"; echo "$pid" >"$2/.pid"; mv "$2/.pid" "$2/pid"; exec cat'
        lab = subprocess.Popen([LAB, "--scenario", scenario, "--plan", plan_file(folder), "--",
                                "sh", "-c", hold, "hold", "{roots}", folder], stdin=subprocess.PIPE)
        try:
            pid = pathlib.Path(folder) / "pid"
            while not pid.exists():
                assert lab.poll() is None, "the lab ended"
                time.sleep(0.02)
            yield pathlib.Path(folder), pid.read_text().strip()
        finally:
            lab.stdin.close()
            lab.wait(30)


def on_machine(scenario, script):
    """Runs a script on a throw-away machine in the lab's network; /shared has the packages. Its exit code and output."""
    with network(scenario) as (folder, pid):
        (folder / "apim-probe.deb").write_bytes(DEB.read_bytes())
        if RPM:
            (folder / "apim-probe.rpm").write_bytes(RPM.read_bytes())
        options = " ".join([*NAMES, "--public-roots", "/shared/roots.pem"])
        (folder / "options").write_text(f'APIM_PROBE_OPTIONS="{options}"\n')
        path = folder / "script"
        path.write_text((HERE / "steps.sh").read_text() + script)
        ended = run(HERE / "machine", pid, path, folder)
        output = folder / "output"
        return ended.returncode, ended.stdout + (output.read_text() if output.exists() else "")


def load(path):
    """A JSON file."""
    return json.loads(pathlib.Path(path).read_text())
