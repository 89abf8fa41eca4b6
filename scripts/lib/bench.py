"""Times apim-probe and curl in turn inside the lab: wall seconds as medians, their ratio pair by pair, peak memory."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

NAMES = ["--region", "eastus2", "--storage-account", "apimstabc123def456ghi789", "--sql-server",
         "apirpsqlabc123def456gh", "--key-vault", "apikv-abc123def456ghi789", "--event-hub", "contoso-logs",
         "--redis", "contoso-cache"]
# Scenario, what is compared, the bound that the project set itself.
CASES = [("healthy", "the whole catalogue against curl's HTTPS hosts", 1.2),
         ("all-dropped", "every TCP packet dropped", 0.65),
         ("dns-dead", "the name server silent", 0.8)]


def timed(command):
    begun = time.monotonic()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return time.monotonic() - begun


def inner(probe, roots, urls, runs):
    """Runs inside the lab's network: both tools in turn, so that they meet the same machine."""
    ours = [probe, "check", *NAMES, "--public-roots", roots, "--format", "json"]
    curl = ["curl", "-Z", "--parallel-immediate", "--parallel-max", "300", "-m", "5", "-s", "--cacert", roots]
    for url in urls:
        curl += ["-o", "/dev/null", url]
    timed(ours), timed(curl)
    pairs = [(timed(ours), timed(curl)) for _ in range(runs)]
    measured = subprocess.run(["/usr/bin/time", "-f", "%M", *ours], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    peak = int(measured.stderr.split()[-1])
    print(json.dumps({"pairs": pairs, "peak": peak}))


def main(probe, lab, runs):
    plan = json.loads(subprocess.run([probe, "plan", *NAMES, "--format", "json"], stdout=subprocess.PIPE, check=True).stdout)
    urls = [f"https://{c['host']}:{c['port']}/" for c in plan["checks"]
            if c["protocol"] == "https" and "skipReason" not in c]
    print(f"binary {os.path.getsize(probe)} bytes; {len(urls)} HTTPS URLs for curl, "
          f"{sum('skipReason' not in c for c in plan['checks'])} checks for apim-probe")
    failed = False
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(plan, file)
        file.flush()
        for scenario, what, bound in CASES:
            rounds = runs if scenario == "healthy" else 3
            command = [lab, "--scenario", scenario, "--plan", file.name, "--", sys.executable, __file__, "inner", probe,
                       "{roots}", str(rounds), *urls]
            out = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
            result = json.loads(out)
            ours, theirs = zip(*result["pairs"])
            ratio = statistics.median(a / b for a, b in result["pairs"])
            verdict = "ok" if ratio <= bound else "TOO SLOW"
            failed |= ratio > bound
            print(f"{scenario:12} {what}: apim-probe {statistics.median(ours):.3f} s, curl -Z {statistics.median(theirs):.3f} s, "
                  f"ratio {ratio:.2f} (bound {bound}) {verdict}; apim-probe's peak memory {result['peak']} kB")
    return 1 if failed else 0


if sys.argv[1] == "inner":
    inner(sys.argv[2], sys.argv[3], sys.argv[5:], int(sys.argv[4]))
else:
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
