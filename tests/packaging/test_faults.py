"""What breaks under the program: system calls that fail while a report is written, signals at any time, a machine that lacks
what machines have. Reports are whole or not there, and what failed is said."""

import datetime
import errno
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time
import unittest

from lab import HERE, NAMES, PROBE, in_lab, needs_namespaces, run

# How often a signal comes at a random time.
SIGNALS = 60

# A report as `check` writes it, of two checks that nothing was seen of.
REPORT = {
    "schemaVersion": "1.0",
    "tool": {"name": "apim-probe", "version": "0.1.0", "target": "x86_64"},
    "run": {"id": "f", "startedAt": "2026-11-25T10:00:00.000Z", "finishedAt": "2026-11-25T10:00:01.000Z"},
    "checks": [{"id": f"sql-{name}", "endpoint": "sql-database", "host": f"{name}.example", "port": 1433, "protocol": "tds",
                "status": "skipped", "skipReason": "not-derivable"} for name in ["one", "two"]],
}

# Formats of reports, each written to a file with that ending.
FORMATS = ["json", "jsonl", "human", "openmetrics"]


def is_whole(path):
    """True where the report can be read to its end."""
    lines = path.read_text().splitlines()
    match path.suffix:
        case ".json":
            return "checks" in json.loads("\n".join(lines))
        case ".jsonl":
            return "summary" in json.loads(lines[-1])
        case ".openmetrics":
            return lines[-1] == "# EOF"
    return "(exit " in lines[-1]


class SystemCalls(unittest.TestCase):
    """Each system call with which a report is written fails, as the kernel would let it fail."""

    FAILURES = [
        ("openat", errno.EROFS), ("openat", errno.ENOSPC), ("openat", errno.EMFILE), ("openat", errno.EDQUOT),
        ("write", errno.ENOSPC), ("write", errno.EDQUOT), ("write", errno.EFBIG), ("write", errno.EIO),
        ("fsync", errno.EIO), ("fsync", errno.ENOSPC), ("fsync", errno.EDQUOT),
        ("rename", errno.EROFS), ("rename", errno.ENOSPC), ("rename", errno.EXDEV), ("rename", errno.EACCES),
        ("rename", errno.EINTR),
    ]

    def test_a_call_that_fails_is_said_and_leaves_the_old_report_or_none(self):
        for call, number in self.FAILURES:
            for before in [None, "the report of yesterday\n"]:
                with self.subTest(call=call, error=errno.errorcode[number], before=before), tempfile.TemporaryDirectory() as folder:
                    folder = pathlib.Path(folder)
                    saved, target = folder / "saved.json", folder / "report.json"
                    saved.write_text(json.dumps(REPORT))
                    if before:
                        target.write_text(before)
                    ended = subprocess.run([sys.executable, HERE / "failing-call", call, str(number), PROBE, "explain", saved,
                                            "--format", "jsonl", "--output", target],
                                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
                    self.assertEqual(ended.returncode, 2, ended.stderr)
                    self.assertIn(f"`{target}`", ended.stderr)
                    self.assertIn("could not be written" if call != "openat" else "cannot be written", ended.stderr)
                    self.assertEqual(target.read_text() if target.exists() else None, before)
                    self.assertEqual(sorted(path.name for path in folder.iterdir()), ["report.json", "saved.json"] if before else
                                     ["saved.json"], "nothing is left beside it")
                    if call != "openat":
                        self.assertIn("summary", json.loads(ended.stdout.splitlines()[-1]), "stdout has it")

    def test_a_call_that_a_signal_interrupts_is_made_again(self):
        for call in ["openat", "write", "fsync"]:
            with self.subTest(call=call), tempfile.TemporaryDirectory() as folder:
                saved, target = pathlib.Path(folder) / "saved.json", pathlib.Path(folder) / "report.jsonl"
                saved.write_text(json.dumps(REPORT))
                ended = run(HERE / "answered-call", "interrupted", call, 3, PROBE, "explain", saved, "--output", target)
                self.assertEqual(ended.returncode, 0, ended.stdout)
                self.assertTrue(is_whole(target))

    def test_a_limit_of_the_size_of_files_is_said(self):
        """The kernel sends SIGXFSZ with it, which would end the program without a word."""
        with tempfile.TemporaryDirectory() as folder:
            saved, target = pathlib.Path(folder) / "saved.json", pathlib.Path(folder) / "report.json"
            saved.write_text(json.dumps(REPORT))
            ended = run("sh", "-c", 'ulimit -f 1; exec "$@"', "limit", PROBE, "explain", saved, "--output", target)
            self.assertEqual(ended.returncode, 2, ended.stdout)
            self.assertIn("could not be written: File too large", ended.stdout)
            self.assertFalse(target.exists())


# Servers of one line each, which say on stdout that they are up.
SILENT = "import socket, time; server = socket.create_server((\"127.0.0.1\", 9)); print(flush=True); time.sleep(60)"
IPV6 = "import socket, time; server = socket.create_server((\"::1\", 9), family=socket.AF_INET6); print(flush=True); time.sleep(60)"
# Answers with the id of the question, and behind it what no message is.
GARBAGE = """
import random, socket
server, dice = socket.socket(type=socket.SOCK_DGRAM), random.Random(19)
server.bind(("127.0.0.1", 53))
print(flush=True)
while True:
    question, peer = server.recvfrom(4096)
    server.sendto(question[:2] + bytes([0x80 | dice.randrange(128)]) + dice.randbytes(dice.randrange(80)), peer)
"""


@needs_namespaces
class Signals(unittest.TestCase):
    def test_a_signal_at_any_time_leaves_whole_reports_or_none(self):
        dice, seen = random.Random(19), set()
        for number in range(SIGNALS):
            name = dice.choice(["INT", "TERM", "HUP", "QUIT", "KILL", "PIPE", "USR1", "ALRM"])
            after = dice.uniform(0, 0.5)
            with self.subTest(number=number, signal=name, after=after), tempfile.TemporaryDirectory() as folder:
                folder = pathlib.Path(folder)
                outputs = [word for form in FORMATS for word in ["--output", f"{form}={folder / 'report'}.{form}"]]
                # A server that takes connections and says nothing, so that the run goes on to its deadline.
                script = (f'ip link set lo up; {sys.executable} -c \'{SILENT}\' >{folder}/.up & read up <{folder}/.up; '
                          f'timeout --signal={name} {after} "$@"; code=$?; kill $!; exit $code')
                os.mkfifo(folder / ".up")
                ended = run("unshare", "--map-root-user", "--net", "sh", "-c", script, "signals", PROBE, "check", "--only", "custom",
                            "--no-imds", "--no-azure-dns", "--deadline", "0.3s", "--endpoint", "127.0.0.1:9/tls", *outputs)
                (folder / ".up").unlink()
                seen.add(ended.returncode)
                left = list(folder.iterdir())
                aside = [path.name for path in left if path.name.startswith(".")]
                self.assertTrue(all(is_whole(path) for path in left if path.name not in aside), left)
                # Nobody can tidy up behind a signal that ends the program at once.
                self.assertTrue(name not in ["INT", "TERM", "PIPE"] or not aside, left)
        self.assertLessEqual({0, 124, 137}, seen, "some runs end by themselves, some early, some at once")


@needs_namespaces
class Machines(unittest.TestCase):
    """What most machines have is missing."""

    def checked(self, setup, *more, code=0, last="HEALTHY:"):
        with tempfile.TemporaryDirectory() as folder:
            report = pathlib.Path(folder) / "report.json"
            ended = in_lab("healthy", "unshare", "--mount", "sh", "-c", f'set -e; {setup}; exec "$@"', "machine", PROBE, "check", *NAMES,
                           "--public-roots", "{roots}", "--output", report, *more)
            self.assertEqual((ended.returncode, ended.stdout.splitlines()[-1][: len(last)]), (code, last), ended.stdout)
            return json.loads(report.read_text())

    def test_without_proc_everything_but_the_gateway_is_told(self):
        report = self.checked("mount -t tmpfs none /proc")
        self.assertEqual(report["summary"]["verdict"], "healthy")
        self.assertNotIn("defaultGateway", report["host"])

    def test_without_etc_the_server_that_is_named_is_asked(self):
        self.checked("set -- \"$@\" --dns-server \"$(sed -n 's/^nameserver //p' /etc/resolv.conf | head -1)\"; mount -t tmpfs none /etc")

    def alone(self, setup, server, *words, under=()):
        """Runs `check`, by the command `under`, in a network that has nothing but this server on loopback."""
        with tempfile.TemporaryDirectory() as folder:
            report, served = pathlib.Path(folder) / "report.json", pathlib.Path(folder) / "served"
            (pathlib.Path(folder) / "server.py").write_text(server)
            os.mkfifo(served)
            script = (f'ip link set lo up; {setup}; {sys.executable} {folder}/server.py >{served} & read up <{served}; '
                      '"$@"; code=$?; kill $!; exit $code')
            begun = time.monotonic()
            ended = run("unshare", "--map-root-user", "--net", "sh", "-c", script, "alone", *under, PROBE, "check", "--only", "custom",
                        "--no-imds", "--no-azure-dns", "--deadline", "5s", "--output", report, *words)
            return ended.returncode, json.loads(report.read_text()), time.monotonic() - begun

    def test_a_wait_for_packets_that_signals_interrupt_goes_on(self):
        waits = [HERE / "answered-call", "interrupted", "epoll_wait", "5"]
        code, report, _ = self.alone("true", SILENT, "--endpoint", "127.0.0.1:9/tcp,required", under=waits)
        self.assertEqual((code, report["checks"][0]["status"]), (0, "success"))

    def test_a_clock_that_jumps_during_a_run_changes_neither_its_times_nor_its_end(self):
        for jump in [86_400, -86_400]:
            with self.subTest(jump=jump):
                clock = [HERE / "answered-call", "clock", jump, "0.7"]
                code, report, took = self.alone("true", SILENT, "--endpoint", "127.0.0.1:9/tls,required", under=clock)
                at = [datetime.datetime.fromisoformat(report["run"][end]) for end in ["startedAt", "finishedAt"]]
                self.assertAlmostEqual((at[1] - at[0]).total_seconds(), jump, delta=30, msg="the clock has jumped")
                self.assertLess(report["run"]["durationMs"], took * 1000)
                check, steps = report["checks"][0], report["checks"][0]["steps"]
                self.assertEqual((code, check["status"], check["cause"]), (1, "failure", "tls-timeout"))
                self.assertTrue(all(0 <= step["startMs"] <= report["run"]["durationMs"] for step in steps), steps)
                self.assertTrue(all(0 <= step["durationMs"] <= report["run"]["durationMs"] for step in steps), steps)
                self.assertLess(took, 8)

    def test_where_there_is_only_ipv6_it_is_used(self):
        code, report, _ = self.alone("ip -4 address flush dev lo", IPV6, "--endpoint", "[::1]:9/tcp,required")
        self.assertEqual((code, report["checks"][0]["status"], report["checks"][0]["evidence"]["peer"]["address"]), (0, "success", "::1"))

    def test_a_server_that_answers_garbage_is_named_and_holds_nothing_up(self):
        code, report, took = self.alone("true", GARBAGE, "--dns-server", "127.0.0.1", "--endpoint", "a.example:443/tcp,required")
        check = next(check for check in report["checks"] if check["endpoint"] == "custom")
        self.assertEqual((code, check["status"], check["stage"], check["cause"]), (1, "failure", "resolve", "dns-malformed"))
        self.assertLess(took, 8)


if __name__ == "__main__":
    unittest.main()
