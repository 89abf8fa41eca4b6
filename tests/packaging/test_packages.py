"""The .deb is installed, used and removed on a throw-away machine whose process 1 is systemd, in the lab's network."""

import subprocess
import unittest

from lab import DEB, DIST, PROBE, RPM, needs_namespaces, needs_root, needs_rpm, on_machine, run

INSTALL = r"""
holds 'the package installs' dpkg --install /shared/apim-probe.deb
is 'its state' "$(dpkg-query -W -f '${Status}' apim-probe)" 'install ok installed'
holds 'no file differs from the package' dpkg --verify apim-probe
holds 'the program runs' apim-probe --version
holds 'the manual page is found' man -w apim-probe
holds 'the manual page of a command is found' man -w apim-probe-wait
holds 'the completions are a script' bash -n /usr/share/bash-completion/completions/apim-probe
is 'nothing is enabled' "$(systemctl is-enabled apim-probe.timer)" disabled
is 'nothing is started' "$(systemctl is-active apim-probe.timer)" inactive
cp /shared/options /etc/default/apim-probe
"""

HEALTHY = INSTALL + r"""
holds 'the service ends well' systemctl start apim-probe.service
is 'its result' "$(systemctl show -P Result apim-probe.service)" success
report=/var/log/apim-probe/latest.json
is 'the report is for root alone' "$(stat -L -c %a "$report")" 600
apim-probe explain "$report" --quiet >/tmp/verdict
is 'the report says' "$(tail -1 /tmp/verdict)" "$(journalctl -u apim-probe.service -o cat | grep HEALTHY)"
holds 'the verdict is in the journal' grep -q '^HEALTHY: 14 required' /tmp/verdict
first=$(stat -L -c %i "$report")
holds 'it runs again' systemctl start apim-probe.service
if [ "$first" = "$(stat -L -c %i "$report")" ]; then echo 'FAIL the report was not replaced'; exit 1; fi
holds 'the wait ends' systemctl start apim-probe-wait.service
is 'and stays for what is ordered after it' "$(systemctl is-active apim-probe-wait.service)" active
holds 'the timer starts' systemctl enable --now apim-probe.timer
is 'it is active' "$(systemctl is-active apim-probe.timer)" active
is 'it has a next time' "$(systemctl list-timers --no-legend apim-probe.timer | grep -c apim-probe.service)" 1
holds 'the package is removed' dpkg --remove apim-probe
is 'the timer is gone' "$(systemctl is-active apim-probe.timer)" inactive
is 'no unit is left' "$(systemctl list-unit-files --no-legend 'apim-probe*' | wc -l)" 0
holds 'no program is left' test ! -e /usr/bin/apim-probe
holds 'the configuration stays' grep -q eastus2 /etc/default/apim-probe
holds 'the package is purged' dpkg --purge apim-probe
is 'nothing of it is left' "$(find /etc /usr /var/log -name '*apim-probe*' -not -path '*/src/*' | head -5)" ''
"""

UNHEALTHY = INSTALL + r"""
systemctl start apim-probe.service
is 'the service fails' "$(systemctl show -P Result -P ExecMainStatus apim-probe.service | tr '\n' ' ')" 'exit-code 1 '
holds 'the journal names the cause' grep -q sql-database <(journalctl -u apim-probe.service -o cat)
apim-probe explain /var/log/apim-probe/latest.json --quiet >/dev/null
is 'the report says unhealthy' "$?" 1
mkdir -p /run/systemd/system/apim-probe-wait.service.d
printf '[Service]\nExecStart=\nExecStart=/usr/bin/apim-probe wait --timeout 8s $APIM_PROBE_OPTIONS\n' \
  >/run/systemd/system/apim-probe-wait.service.d/short.conf
cat >/run/systemd/system/after.service <<'UNIT'
[Unit]
Wants=apim-probe-wait.service
After=apim-probe-wait.service
[Service]
Type=oneshot
ExecStart=/bin/true
UNIT
systemctl daemon-reload
begun=$SECONDS
holds 'what only wants the wait starts all the same' systemctl start after.service
is 'but after it' "$([ $((SECONDS - begun)) -ge 3 ] && echo later)" later
is 'the wait has failed' "$(systemctl is-active apim-probe-wait.service)" failed
"""

RPM_STEPS = r"""
holds 'the package installs' rpm --install --nodeps /shared/apim-probe.rpm
holds 'no file differs from the package' rpm --verify --nodeps apim-probe
holds 'the program runs' apim-probe --version
holds 'the manual page is found' man -w apim-probe
is 'nothing is enabled' "$(systemctl is-enabled apim-probe.timer)" disabled
cp /shared/options /etc/default/apim-probe
holds 'the service ends well' systemctl start apim-probe.service
holds 'the timer starts' systemctl enable --now apim-probe.timer
holds 'the package is removed' rpm --erase apim-probe
is 'the timer is gone' "$(systemctl is-active apim-probe.timer)" inactive
is 'no unit is left' "$(systemctl list-unit-files --no-legend 'apim-probe*' | wc -l)" 0
holds 'no program is left' test ! -e /usr/bin/apim-probe
"""


@needs_namespaces
@needs_root
class OnMachine(unittest.TestCase):
    def on_machine(self, scenario, script):
        code, output = on_machine(scenario, script)
        self.assertEqual((code, "FAIL" in output), (0, False), output)
        self.assertGreater(output.count("\nok "), 8, output)


@needs_rpm
class Rpm(OnMachine):
    """--nodeps: the machine is Debian's, whose packages rpm does not know."""

    def test_it_installs_runs_its_units_and_goes(self):
        self.on_machine("healthy", RPM_STEPS)


class Deb(OnMachine):

    def test_it_installs_runs_its_units_and_goes_without_a_trace(self):
        self.on_machine("healthy", HEALTHY)

    def test_its_units_tell_an_unhealthy_subnet(self):
        self.on_machine("sql-blocked", UNHEALTHY)


class Contents(unittest.TestCase):
    def test_lintian_has_no_complaint(self):
        ended = run("lintian", "--no-cfg", "--allow-root", "--fail-on", "error,warning", DEB)
        self.assertEqual(ended.returncode, 0, ended.stdout)

    def test_the_deb_needs_no_other_package(self):
        fields = subprocess.run(["dpkg-deb", "--field", DEB], stdout=subprocess.PIPE, text=True, check=True)
        self.assertNotIn("Depends:", fields.stdout)

    @needs_rpm
    def test_the_rpm_has_the_same_program_and_needs_nothing(self):
        rpm = RPM
        needs = [line for line in run("rpm", "-qpR", rpm).stdout.split("\n") if line and not line.startswith("rpmlib(")]
        self.assertEqual([line for line in needs if line != "/bin/sh"], [])
        listed = run("rpm", "-qp", "--qf", "[%{FILENAMES} %{FILEDIGESTS} %{FILEUSERNAME}\n]", rpm).stdout
        program = run("sha256sum", PROBE).stdout.split()[0]
        self.assertIn(f"/usr/bin/apim-probe {program} root", listed)
        self.assertIn("/usr/lib/systemd/system/apim-probe.timer", listed)

    def test_every_artefact_has_its_sum(self):
        ended = run("sha256sum", "--check", "--strict", "SHA256SUMS", cwd=DIST)
        self.assertEqual(ended.returncode, 0, ended.stdout)
        listed = {line.split("  ")[1] for line in (DIST / "SHA256SUMS").read_text().splitlines()}
        self.assertEqual(listed | {"SHA256SUMS"}, {path.name for path in DIST.iterdir()})


if __name__ == "__main__":
    unittest.main()
