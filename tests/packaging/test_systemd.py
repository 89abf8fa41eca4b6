"""The units: what systemd says about them."""

import re
import shutil
import tempfile
import unittest

from lab import PROBE, PROJECT, run

UNITS = PROJECT / "packaging/systemd"

# The score of `systemd-analyze security`, 0 to 10, smaller is better: what is left is the network, which is the job.
EXPOSURE = 1.1


class Units(unittest.TestCase):
    def test_systemd_verifies_them(self):
        with tempfile.TemporaryDirectory() as root:
            units, programs = f"{root}/usr/lib/systemd/system", f"{root}/usr/bin"
            shutil.copytree("/usr/lib/systemd/system", units, symlinks=True)
            run("mkdir", programs)
            shutil.copy(PROBE, f"{programs}/apim-probe")
            for unit in UNITS.iterdir():
                shutil.copy(unit, units)
            for unit in UNITS.iterdir():
                ended = run("systemd-analyze", "verify", "--man=no", "--recursive-errors=one", f"--root={root}", unit.name)
                self.assertEqual(ended.returncode, 0, ended.stdout)
                self.assertNotIn(unit.name, ended.stdout)

    def test_their_exposure_is_what_it_was(self):
        for unit in UNITS.glob("*.service"):
            ended = run("systemd-analyze", "security", "--offline=true", "--no-pager", unit)
            score = re.search(r"Overall exposure level for .*: ([\d.]+)", ended.stdout)
            self.assertLessEqual(float(score[1]), EXPOSURE, ended.stdout)

    def test_both_services_are_hardened_alike(self):
        def hardening(name):
            return (UNITS / name).read_text().split("nothing else is left to it.")[1].split("\n[Install]")[0].strip()

        self.assertEqual(hardening("apim-probe.service"), hardening("apim-probe-wait.service"))


if __name__ == "__main__":
    unittest.main()
