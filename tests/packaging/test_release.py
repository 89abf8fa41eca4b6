"""The release: how big its binaries are, what they need, the oldest kernel and the other machine that they run on, its papers."""

import hashlib
import json
import pathlib
import re
import shutil
import sys
import tarfile
import tempfile
import unittest

from lab import DIST, NAMES, PROBE, PROJECT, artefact, in_lab, load, needs_namespaces, run

BINARIES = sorted(path for path in DIST.iterdir() if re.fullmatch(r"apim-probe-[\d.]+-[a-z0-9_]+-unknown-linux-(gnu|musl)", path.name))
ARM = next((path for path in BINARIES if "-aarch64-" in path.name), None)

MIB = 1024 * 1024


class Binary(unittest.TestCase):
    def test_it_has_at_most_four_megabytes_as_musl_and_five_as_glibc(self):
        for probe in BINARIES:
            largest = 4 * MIB if probe.name.endswith("-musl") else 5 * MIB
            self.assertLessEqual(probe.stat().st_size, largest, probe.name)

    def test_it_is_static_and_needs_no_kernel_younger_than_3_10(self):
        self.assertNotIn("INTERP", run("readelf", "--program-headers", "--wide", PROBE).stdout)
        note = re.search(r"OS: Linux, ABI: (\d+)\.(\d+)", run("readelf", "--notes", PROBE).stdout)
        if note:
            self.assertLessEqual((int(note[1]), int(note[2])), (3, 10))

    def test_it_names_no_folder_of_the_machine_that_built_it(self):
        binary = PROBE.read_bytes()
        for folder in [b"/root/", b"/.cargo/", b"/tmp/", bytes(PROJECT)]:
            self.assertFalse(folder in binary, folder)


class Scale(unittest.TestCase):
    """A report of ten thousand checks: as many copies of one that was seen."""

    @needs_namespaces
    def test_ten_thousand_checks_are_explained_in_64_mebibytes(self):
        with tempfile.TemporaryDirectory() as folder:
            lines, large = pathlib.Path(folder) / "small.jsonl", pathlib.Path(folder) / "large.jsonl"
            in_lab("rejected", PROBE, "check", *NAMES, "--public-roots", "{roots}", "--output", lines)
            first, *checks, last = [json.loads(line) for line in lines.read_text().splitlines()]
            checks = [dict(checks[number % len(checks)]["check"], id=f"copy-{number}") for number in range(10_000)]
            last["plan"] = [check["id"] for check in checks]
            large.write_text("".join(json.dumps(line) + "\n" for line in [first, *({"check": check} for check in checks), last]))
            for form in ["human", "json", "jsonl"]:
                ended = run(sys.executable, "-c", PEAK, PROBE, "explain", large, "--format", form)
                code, peak = ended.stdout.split()
                self.assertEqual(code, "1")
                self.assertLess(int(peak) * 1024, 64 * MIB, form)


# Runs a command, and prints its exit code and how many kilobytes it had at most.
PEAK = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


@needs_namespaces
class Names(unittest.TestCase):
    def test_no_name_is_looked_up_by_the_c_library(self):
        """A static getaddrinfo would load shared libraries of the machine, and must never be come to: its first
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
class Reads(unittest.TestCase):
    """What SECURITY.md says that it reads of the machine."""

    OF_THE_MACHINE = (r"/etc/(hosts|os-release|resolv\.conf)", r"/proc/(net/route|self/(cgroup|maps))", r"/sys/fs/cgroup/.*",
                      r"/sys/class/net/[^/]+/mtu", r"/sys/devices/system/cpu/online")

    def test_it_opens_what_is_named_and_what_describes_the_machine_and_runs_nothing(self):
        with tempfile.TemporaryDirectory() as folder:
            report, log = pathlib.Path(folder) / "report.json", pathlib.Path(folder) / "log"
            ended = in_lab("healthy", "strace", "--follow-forks", "--quiet=all", "--trace=open,openat,openat2,execve", "--output", log,
                           PROBE, "check", *NAMES, "--public-roots", "{roots}", "--output", report)
            self.assertEqual(ended.returncode, 0, ended.stdout)
            calls = re.findall(r'(open\w*|execve)\((?:AT_FDCWD, )?"([^"]*)"', log.read_text())
        self.assertEqual([path for call, path in calls if call == "execve"], [str(PROBE)])
        named = rf"{re.escape(folder)}/\.report\.json\.[0-9a-f]+\.part|.*/roots\.pem"
        opened = {path for call, path in calls if call != "execve"}
        unsaid = [path for path in opened if not any(re.fullmatch(known, path) for known in (*self.OF_THE_MACHINE, named))]
        self.assertEqual(unsaid, [])
        self.assertIn("/etc/resolv.conf", opened, "the calls are seen")


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


@unittest.skipIf(ARM is None, "not run: arm64 (scripts/release says why it was not made)")
class Arm(unittest.TestCase):
    """The binary for arm64, on this machine: qemu translates its instructions, the kernel is ours."""

    def test_it_plans(self):
        ours = run(PROBE, "plan", *NAMES, "--format", "csv")
        self.assertEqual((ours.returncode, ours.stdout), (0, run("qemu-aarch64", ARM, "plan", *NAMES, "--format", "csv").stdout))

    @needs_namespaces
    def test_it_finds_a_healthy_subnet_healthy_and_explains_its_report(self):
        with tempfile.TemporaryDirectory() as folder:
            ended = in_lab("healthy", "qemu-aarch64", ARM, "check", *NAMES, "--public-roots", "{roots}", "--deadline", "60s",
                           "--output", f"json={folder}/report.json")
            self.assertEqual((ended.returncode, ended.stdout.splitlines()[-1][:8]), (0, "HEALTHY:"), ended.stdout)
            for probe in [["qemu-aarch64", ARM], [PROBE]]:
                again = run(*probe, "explain", f"{folder}/report.json", "--format", "tap")
                self.assertEqual((again.returncode, "not ok" in again.stdout), (0, False), again.stdout)


class Image(unittest.TestCase):
    """The OCI archive, read here and by skopeo, whose library is the one that engines read images with."""

    def setUp(self):
        self.path = artefact(r"apim-probe-[\d.]+\.oci\.tar")
        with tarfile.open(self.path) as archive:
            self.files = {entry.name: archive.extractfile(entry).read() for entry in archive}

    def blob(self, descriptor):
        blob = self.files["blobs/" + descriptor["digest"].replace(":", "/")]
        self.assertEqual((len(blob), "sha256:" + hashlib.sha256(blob).hexdigest()), (descriptor["size"], descriptor["digest"]))
        return blob

    def test_every_architecture_holds_its_binary_and_is_what_the_dockerfile_says(self):
        index = json.loads(self.blob(json.loads(self.files["index.json"])["manifests"][0]))
        seen = {}
        for descriptor in index["manifests"]:
            manifest = json.loads(self.blob(descriptor))
            config = json.loads(self.blob(manifest["config"]))
            with tempfile.TemporaryFile() as layer:
                layer.write(self.blob(manifest["layers"][0]))
                layer.seek(0)
                with tarfile.open(fileobj=layer) as files:
                    (entry,) = files.getmembers()
                    seen[config["architecture"]] = hashlib.sha256(files.extractfile(entry).read()).hexdigest()
            self.assertEqual((entry.name, entry.mode, entry.uid), ("apim-probe", 0o755, 0))
            self.assertEqual(config["config"], {"User": "65534:65534", "Entrypoint": ["/apim-probe"]})
        names = {"x86_64": "amd64", "aarch64": "arm64"}
        expected = {names[path.name.split("-")[3]]: hashlib.sha256(path.read_bytes()).hexdigest() for path in BINARIES}
        self.assertEqual(seen, expected)

    def test_the_library_of_engines_takes_it(self):
        version = self.path.name.removeprefix("apim-probe-").removesuffix(".oci.tar")
        with tempfile.TemporaryDirectory() as folder:
            copied = run("skopeo", "--insecure-policy", "copy", "--all", f"oci-archive:{self.path}:{version}", f"oci:{folder}/copy:{version}")
            self.assertEqual(copied.returncode, 0, copied.stdout)
            for architecture in ["amd64"] + ["arm64"] * (ARM is not None):
                config = run("skopeo", "inspect", "--override-arch", architecture, "--config", f"oci:{folder}/copy:{version}")
                self.assertEqual(json.loads(config.stdout)["architecture"], architecture)


class Papers(unittest.TestCase):
    def test_the_line_in_the_documentation_verifies_the_download(self):
        """Offline, as it stands there, in a folder that holds what somebody has downloaded."""
        line = re.search(r"^    (sha256sum .*)$", (PROJECT / "packaging/README.md").read_text(), re.M)[1]
        with tempfile.TemporaryDirectory() as folder:
            for path in [PROBE, DIST / "SHA256SUMS"]:
                shutil.copy(path, folder)
            held = run("unshare", "--map-root-user", "--net", "sh", "-c", line, cwd=folder)
            self.assertEqual((held.returncode, held.stdout), (0, f"{PROBE.name}: OK\n"))
            with open(f"{folder}/{PROBE.name}", "ab") as file:
                file.write(b"x")
            self.assertNotEqual(run("sh", "-c", line, cwd=folder).returncode, 0)

    def test_the_provenance_names_every_file_the_commit_and_every_crate(self):
        said = load(artefact(r"apim-probe-[\d.]+\.intoto\.json"))
        self.assertEqual((said["_type"], said["predicateType"]),
                         ("https://in-toto.io/Statement/v1", "https://slsa.dev/provenance/v1"))
        files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in DIST.iterdir()
                 if path.name != "SHA256SUMS" and not path.name.endswith(".intoto.json")}
        self.assertEqual({one["name"]: one["digest"]["sha256"] for one in said["subject"]}, files)
        materials = said["predicate"]["buildDefinition"]["resolvedDependencies"]
        self.assertRegex(materials[0]["digest"]["gitCommit"], "^[0-9a-f]{40}$")
        crates = {one["uri"] for one in materials if one.get("uri", "").startswith("pkg:cargo/")}
        listed = load(next(DIST.glob("*x86_64*.cdx.json")))["components"]
        self.assertTrue({f"pkg:cargo/{part['name']}@{part['version']}" for part in listed if "apim-probe" not in part["name"]} <= crates)
        self.assertNotIn("/tmp/", json.dumps(said))

    def test_the_bill_of_materials_lists_what_is_linked(self):
        sbom = load(artefact(r".*-x86_64-.*\.cdx\.json"))
        self.assertEqual((sbom["bomFormat"], sbom["specVersion"], sbom["metadata"]["component"]["name"]),
                         ("CycloneDX", "1.5", "apim-probe"))
        listed = {part["name"]: part for part in sbom["components"]}
        for name in ["rustls", "ring", "hickory-proto", "tokio", "webpki-roots"]:
            self.assertTrue(listed[name]["licenses"] and listed[name]["version"], name)
        self.assertNotIn("/tmp/", str(sbom))

    def test_the_licences_are_there_with_their_texts(self):
        text = artefact(r".*-x86_64-.*-licences\.txt").read_text()
        for wanted in ["ring 0.17", "Permission is hereby granted", "Apache License", "C library", "Rust standard library"]:
            self.assertIn(wanted, text)


if __name__ == "__main__":
    unittest.main()
