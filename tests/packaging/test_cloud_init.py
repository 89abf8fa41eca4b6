"""The cloud-init examples: valid by cloud-init's own schema, and their commands keep every promise, as root, in the lab.

cloud-init's own code turns `write_files` into files and `runcmd` into the script that runs; the console is a pseudo-terminal,
`shutdown` a stand-in that writes down how it was called.
"""

import hashlib
import os
import pathlib
import pty
import shutil
import subprocess
import tempfile
import threading
import time
import unittest

import yaml
from cloudinit import distros
from cloudinit.config import cc_power_state_change
from cloudinit.util import shellify

from lab import NAMES, PROBE, PROJECT, in_lab, load, needs_namespaces, run

EXAMPLES = PROJECT / "packaging/cloud-init"

# Inside the lab's mount namespace: fresh folders where the commands write, and the tools of the test first in the PATH.
BOOT = r"""
set -u
world=$1 roots=$2
export PATH="$world/bin:$PATH" APIM_PROBE_CONSOLE="$3"
mount -t tmpfs -o mode=755 tmpfs /usr/local
mkdir -p /usr/local/bin /usr/local/sbin
mkdir -p /run/apim-probe-test
mount --bind "$world/log" /var/log
mount --bind "$world/default" /etc/default
[ ! -e "$world/apim-probe" ] || cp "$world/apim-probe" /usr/local/bin/apim-probe
cp "$world"/sbin/* /usr/local/sbin
if [ -d "$world/www" ]; then
  (cd "$world/www" && exec python3 -m http.server --bind 127.0.0.1 8000 >/dev/null 2>&1) &
  trap "kill $!" EXIT
  until curl --silent --output /dev/null http://127.0.0.1:8000/; do sleep 0.1; done
fi
sed -i "s,@ROOTS@,$roots," /etc/default/apim-probe
sh "$world/runcmd"
echo "runcmd: $?" >"$world/ended"
[ ! -d /run/apim-probe ] || cp -r /run/apim-probe "$world/marks"
"""


class Console:
    """A pseudo-terminal in place of the serial line; what was written to it is `text`."""

    def __enter__(self):
        self.ours, theirs = pty.openpty()
        self.held, self.path, self.read = theirs, os.ttyname(theirs), b""
        self.reader = threading.Thread(target=self.drain, daemon=True)
        self.reader.start()
        return self

    def drain(self):
        try:
            while data := os.read(self.ours, 65536):
                self.read += data
        except OSError:
            pass

    def __exit__(self, *_):
        # What is written before the last end is closed is read still.
        time.sleep(0.2)
        os.close(self.held)
        self.reader.join(5)
        os.close(self.ours)

    @property
    def lines(self):
        return self.read.decode().replace("\r\n", "\n").splitlines()


class Boot:
    """One boot with an example's user data."""

    def __init__(self, example, scenario, options=(), settings="", has_binary=True, served=False):
        data = yaml.safe_load((EXAMPLES / example).read_text())
        self.world = pathlib.Path(tempfile.mkdtemp())
        for folder in ["bin", "sbin", "log", "default"]:
            (self.world / folder).mkdir()
        if has_binary:
            shutil.copy(PROBE, self.world / "apim-probe")
        if served:
            (self.world / "www").mkdir()
            shutil.copy(PROBE, self.world / "www/apim-probe")
        for file in data["write_files"]:
            target = self.world / ("sbin" if file["path"].startswith("/usr/local/sbin/") else "default") / os.path.basename(file["path"])
            target.write_text(file["content"])
            target.chmod(int(file["permissions"], 8))
        # As shipped but for the roots of the lab, where no options are given.
        words = ["$APIM_PROBE_OPTIONS"] if options is None else [*NAMES, *options]
        words = " ".join([*words, "--public-roots", "@ROOTS@"])
        with (self.world / "default/apim-probe").open("a") as file:
            file.write(f'APIM_PROBE_OPTIONS="{words}"\n{settings}\n')
        (self.world / "bin/shutdown").write_text(f'#!/bin/sh\necho "$*" >>{self.world}/shutdown\n')
        (self.world / "bin/shutdown").chmod(0o755)
        (self.world / "runcmd").write_text(shellify(data["runcmd"]))
        with Console() as console:
            begun = time.monotonic()
            command = ["sh", "-c", BOOT, "boot", self.world, "{roots}", console.path]
            if scenario == "no network":
                command[5] = "/etc/ssl/certs/ca-certificates.crt"
                self.ended = run("unshare", "--user", "--map-root-user", "--net", "--mount", *command)
            else:
                self.ended = in_lab(scenario, *command)
            self.took = time.monotonic() - begun
        self.console = console.lines
        self.power_state = data.get("power_state")

    def text(self, path):
        return (self.world / path).read_text()

    def close(self):
        shutil.rmtree(self.world)


class Examples(unittest.TestCase):
    def test_the_schema_of_cloud_init_takes_them(self):
        for example in EXAMPLES.glob("*.yaml"):
            ended = run("cloud-init", "schema", "--config-file", example)
            self.assertEqual((ended.returncode, ended.stdout.splitlines()[0]), (0, f"Valid cloud-config: {example}"))

    def test_the_schema_would_have_found_a_fault(self):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write("#cloud-config\nruncmd: 7\n")
            file.flush()
            self.assertNotEqual(run("cloud-init", "schema", "--config-file", file.name).returncode, 0)

    def test_they_fit_into_custom_data(self):
        """64 KB after base64."""
        for example in EXAMPLES.glob("*.yaml"):
            self.assertLess(example.stat().st_size * 4 / 3, 65536)

    def test_shellcheck_has_no_complaint(self):
        for example in EXAMPLES.glob("*.yaml"):
            for file in yaml.safe_load(example.read_text())["write_files"]:
                if file["content"].startswith("#!"):
                    ended = subprocess.run(["shellcheck", "--exclude=SC1091", "-"], input=file["content"], text=True,
                                           stdout=subprocess.PIPE, check=False)
                    self.assertEqual(ended.stdout, "")

    def test_they_are_ascii(self):
        for example in EXAMPLES.glob("*.yaml"):
            self.assertTrue(example.read_text().isascii(), example)


@needs_namespaces
class Commands(unittest.TestCase):
    def boot(self, *words, **more):
        boot = Boot(*words, **more)
        self.addCleanup(boot.close)
        self.assertEqual(boot.text("ended"), "runcmd: 0\n", boot.ended.stdout)
        for line in boot.console:
            self.assertTrue(line.isascii() and line.isprintable(), line)
        return boot


class HealthCheck(Commands):
    def boot(self, *words, **more):
        boot = super().boot("health-check.yaml", *words, **more)
        self.assertTrue(all(line.startswith("apim-probe: ") for line in boot.console), boot.console)
        return boot

    def test_healthy(self):
        boot = self.boot("healthy")
        self.assertEqual(load(boot.world / "log/apim-probe/boot.json")["summary"]["verdict"], "healthy")
        self.assertEqual(boot.text("marks/checked"), "0\n")
        self.assertTrue((boot.world / "marks/healthy").exists())
        self.assertIn("HEALTHY: 14 required and 56 optional checks passed", boot.console[-1])
        self.assertIn("HEALTHY", boot.text("log/apim-probe/boot.txt"))

    def test_as_shipped_with_an_identity(self):
        """Names, rules and routes come from Azure. The lab's network has no records for the names of the instance itself."""
        boot = self.boot("azure", options=None)
        report = load(boot.world / "log/apim-probe/boot.json")
        self.assertIn("effective-security-rules", [one["kind"] for one in report["configuration"]["documents"]])
        self.assertNotIn("names-missing", [one["code"] for one in report["findings"]])
        failed = [one["host"] for one in report["checks"] if one["status"] == "failure"]
        self.assertEqual([host for host in failed if not host.startswith("contoso-lab.")], [])
        self.assertFalse(any("hint:" in line for line in boot.console), boot.console)

    def test_as_shipped_without_an_identity(self):
        """One hint, and the checks go on."""
        boot = self.boot("healthy", options=None)
        report = load(boot.world / "log/apim-probe/boot.json")
        self.assertGreater(report["summary"]["required"]["success"], 5)
        self.assertEqual(sum("hint: Azure was not asked" in line for line in boot.console), 1, boot.console)

    def test_unhealthy(self):
        boot = self.boot("sql-blocked")
        self.assertEqual(load(boot.world / "log/apim-probe/boot.json")["summary"]["verdict"], "unhealthy")
        self.assertEqual(boot.text("marks/checked"), "1\n")
        self.assertFalse((boot.world / "marks/healthy").exists())
        self.assertEqual(boot.console[-1], "apim-probe: UNHEALTHY: 1 of 14 required checks failed (exit 1)")
        self.assertTrue(any("TCP 1433" in line for line in boot.console), boot.console)
        self.assertLess(sum(map(len, boot.console)), 8192)

    def test_no_network(self):
        boot = self.boot("no network")
        self.assertEqual(load(boot.world / "log/apim-probe/boot.json")["summary"]["exitCode"], int(boot.text("marks/checked")))
        self.assertIn(boot.text("marks/checked"), ["1\n", "3\n"])
        self.assertFalse((boot.world / "marks/healthy").exists())
        self.assertRegex(boot.console[-1], "UNHEALTHY|UNDECIDED")
        self.assertLess(boot.took, 30)

    def test_no_binary(self):
        boot = self.boot("healthy", has_binary=False)
        self.assertEqual(boot.console, ["apim-probe: the binary is missing: looked for apim-probe in /usr/local/bin and /usr/bin"])
        self.assertEqual(boot.text("marks/checked"), "127\n")

    def test_a_bad_option(self):
        boot = self.boot("healthy", options=["--regoin", "x"])
        self.assertEqual(boot.console[-1], "apim-probe: no verdict (exit 2)")
        self.assertTrue(any("--regoin" in line for line in boot.console), boot.console)
        self.assertEqual(boot.text("marks/checked"), "2\n")

    def test_a_broken_options_file(self):
        boot = Boot("health-check.yaml", "healthy", settings="if")
        self.addCleanup(boot.close)
        self.assertEqual(boot.text("ended"), "runcmd: 0\n", "the boot goes on")


class ThrowAway(Commands):
    def boot(self, *words, **more):
        boot = super().boot("throw-away.yaml", *words, **more)
        self.assertEqual(boot.text("shutdown"), "-P +30\n", "off even if it hangs")
        self.assertEqual(boot.console[-1], "apim-probe: done; this machine powers itself off")
        return boot

    def explained(self, boot):
        """What the reader of the boot diagnostics gets, with a message of the kernel among the lines."""
        log = boot.world / "console.log"
        lines = ["[    0.000000] Linux version", *boot.console]
        lines.insert(len(lines) // 2, "[   31.337000] hv_netvsc: message of the kernel")
        log.write_text("\n".join(lines) + "\n")
        return run(PROBE, "explain", log)

    def test_healthy(self):
        boot = self.boot("healthy")
        ended = self.explained(boot)
        self.assertEqual((ended.returncode, ended.stdout.splitlines()[-1][:8]), (0, "HEALTHY:"), ended.stdout)

    def test_unhealthy(self):
        boot = self.boot("sql-blocked")
        ended = self.explained(boot)
        self.assertEqual(ended.returncode, 1)
        self.assertIn("service-tag-blocked", ended.stdout)

    def test_no_network(self):
        ended = self.explained(self.boot("no network"))
        self.assertIn(ended.returncode, [1, 3], ended.stdout)

    def test_no_binary(self):
        boot = self.boot("healthy", has_binary=False, settings="APIM_PROBE_PATIENCE=1")
        self.assertEqual(boot.console[0], "apim-probe: the binary is missing: no apim-probe in /usr/local/bin or /usr/bin after 1 s")

    def test_the_binary_from_a_url(self):
        digest = hashlib.sha256(PROBE.read_bytes()).hexdigest()
        boot = self.boot("healthy", has_binary=False, served=True,
                         settings=f"APIM_PROBE_URL=http://127.0.0.1:8000/apim-probe\nAPIM_PROBE_SHA256={digest}")
        self.assertEqual(self.explained(boot).returncode, 0)

    def test_another_binary_from_the_url_is_not_run(self):
        boot = self.boot("healthy", has_binary=False, served=True,
                         settings=f"APIM_PROBE_URL=http://127.0.0.1:8000/apim-probe\nAPIM_PROBE_SHA256={'0' * 64}")
        self.assertEqual(boot.console[0], "apim-probe: the binary at APIM_PROBE_URL is not the one of APIM_PROBE_SHA256")
        self.assertEqual(self.explained(boot).returncode, 2)

    def test_nothing_at_the_url(self):
        boot = self.boot("no network", has_binary=False, settings="APIM_PROBE_URL=http://127.0.0.1:8000/apim-probe")
        self.assertIn("curl: ", boot.console[0])

    def test_it_powers_off_when_cloud_init_is_done(self):
        power_state = yaml.safe_load((EXAMPLES / "throw-away.yaml").read_text())["power_state"]
        ubuntu = distros.fetch("ubuntu")("ubuntu", {}, None)
        command, timeout, condition = cc_power_state_change.load_power_state({"power_state": power_state}, ubuntu)
        self.assertEqual(command[:3], ["shutdown", "-P", "now"])
        self.assertTrue(condition)
        self.assertLessEqual(timeout, 120)


if __name__ == "__main__":
    unittest.main()
