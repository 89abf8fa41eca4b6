"""Compares apim-probe with other tools on the same forty hosts, inside the lab's network, in turn.

`outer` starts the lab for each case; `inner` runs in there. Times are medians; ratios are medians of the pairs."""

import argparse
import datetime
import json
import os
import platform
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import baselines

HOSTS = [f"e{number:02}.bench.example" for number in range(1, 41)]
FOUR = HOSTS[4::10]
DROP_FOUR = ", ".join(f'{{ action = "drop", host = "{host}" }}' for host in FOUR)


def everywhere(outcome):
    return {host: outcome for host in HOSTS}


# What the pace alone takes of a run: at most 19 connects and the question to the metadata service in 100 ms, so that a device
# that counts them takes them all.
PACED = 0.1 * (len(HOSTS) // 19)

# Name, scenario, the truth, and the bound of our time against curl's, where the pace counts for nothing; a host that is silent
# among others is asked a second time.
CASES = [
    ("healthy", "", everywhere("ok"), 1.0),
    ("all dropped", 'firewall = [{ action = "drop", port = 443 }]', everywhere("dropped"), 0.75),
    ("all rejected", 'firewall = [{ action = "reject", port = 443 }]', everywhere("rejected"), None),
    ("4 of 40 dropped", f"firewall = [{DROP_FOUR}]", {**everywhere("ok"), **{host: "dropped" for host in FOUR}}, 1.0),
    ("DNS dropped", 'resolver = [{ address = "10.0.2.4", fault = "silent" }]', everywhere("dns"), None),
    ("30 % SYN loss", "syn_loss = 30", everywhere("ok"), None),
]
# So many targets, all dropped, may take so much longer than the forty.
MANY, MANY_BOUND = 400, 1.3
# A thousand rules and a thousand routes against the whole catalogue may take so many seconds of CPU, and so many MiB.
LARGE, LARGE_CPU, LARGE_MIB = 1000, 0.3, 64
TOOLS = ["apim-probe", "curl -Z", "nmap", "blackbox"]


def inner(probe, roots, runs, pause, only):
    """Every tool in turn, so that all meet the same machine; one JSON object. `pause` seconds let the firewall save up its
    messages again."""
    baselines.many_files()
    with tempfile.TemporaryDirectory() as folder:
        known, missing = baselines.tools(probe, roots, folder)
        known = {name: tool for name, tool in known.items() if not only or name in only}
        seen = {name: [] for name in known}
        for run in range(runs + 1):
            for name, tool in known.items():
                # The first round warms up; a tool that needs its whole patience is not asked again.
                if not (seen[name] and seen[name][-1][0] >= baselines.PATIENCE):
                    time.sleep(pause)
                    seen[name].append(tool(HOSTS, folder))
        for name, tool in known.items():
            if isinstance(tool, baselines.Blackbox):
                seen[name] = tool.end(seen[name])
    warm = {name: results[1:] or results for name, results in seen.items()}
    print(json.dumps({"seen": warm, "missing": missing}))


def run_case(lab, probe, scenario, runs, only=()):
    """The lab with this scenario, and `inner` in its VM."""
    endpoints = [word for host in HOSTS for word in ("--endpoint", f"{host}:443/https,required")]
    plan = subprocess.run([probe, "plan", "--region", "eastus2", "--only", "custom", *endpoints, "--format", "json"],
                          stdout=subprocess.PIPE, check=True).stdout
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/plan.json", "wb") as file:
            file.write(plan)
        with open(f"{folder}/scenario.toml", "w", encoding="utf-8") as file:
            file.write(f'description = "bench."\n{scenario}\n')
        command = [lab, "--scenario", f"{folder}/scenario.toml", "--plan", f"{folder}/plan.json", "--", sys.executable,
                   os.path.abspath(__file__), "inner", probe, "{roots}", str(runs),
                   "8" if "reject" in scenario else "0", *only]
        out = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    answer = json.loads(out)
    answer["seen"] = {name: [baselines.Result(*one) for one in results] for name, results in answer["seen"].items()}
    return answer


def dropped(lab, probe, number):
    """How many milliseconds a run of apim-probe takes with this many targets, all dropped, and how many it decided."""
    endpoints = [word for host in range(number) for word in ("--endpoint", f"m{host:03}.bench.example:443/https,required")]
    only = ["--region", "eastus2", "--only", "custom", *endpoints, "--format", "json"]
    plan = subprocess.run([probe, "plan", *only], stdout=subprocess.PIPE, check=True).stdout
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/plan.json", "wb") as file:
            file.write(plan)
        with open(f"{folder}/scenario.toml", "w", encoding="utf-8") as file:
            file.write('description = "bench."\nfirewall = [{ action = "drop", port = 443 }]\n')
        command = [lab, "--scenario", f"{folder}/scenario.toml", "--plan", f"{folder}/plan.json", "--", probe, "check", *only,
                   "--public-roots", "{roots}"]
        report = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=False).stdout)
    return report["run"]["durationMs"], report["summary"]["required"]["failure"]


def grow(lab, probe, runs):
    """What ten times as many dropped targets cost, in pairs of runs."""
    pairs = [(dropped(lab, probe, len(HOSTS)), dropped(lab, probe, MANY)) for _ in range(runs)]
    ratio = median(many[0] / few[0] for few, many in pairs)
    undecided = sum(MANY - many[1] for _, many in pairs)
    line = (f"{MANY} targets that are all dropped take {ratio:.2f} times as long as {len(HOSTS)} ({median(many[0] for _, many in pairs) / 1000:.2f} s, "
            f"{len(pairs)} pairs of runs; {undecided} targets were not decided).")
    print(line)
    return line, [f"{line} {MANY_BOUND} is the bound"] if ratio > MANY_BOUND or undecided else []


def review(probe, runs):
    """What `review` takes of the processor and of memory for a large group and a large route table."""
    rules = [{"name": f"r{at}", "properties": {
        "priority": 100 + at, "direction": "Outbound", "access": "Allow", "protocol": "Tcp", "sourcePortRange": "*", "sourceAddressPrefix": "10.0.1.0/24",
        "destinationAddressPrefix": f"20.{at // 250}.{at % 250}.0/24", "destinationPortRange": "443"}} for at in range(LARGE)]
    routes = [{"name": f"r{at}", "properties": {
        "addressPrefix": f"21.{at // 250}.{at % 250}.0/24", "nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.0.9.4"}} for at in range(LARGE)]
    documents = [
        {"name": "nsg-large", "type": "Microsoft.Network/networkSecurityGroups", "location": "eastus2", "properties": {"securityRules": rules}},
        {"name": "rt-large", "type": "Microsoft.Network/routeTables", "location": "eastus2", "properties": {"routes": routes}}]
    documents = "\n".join(map(json.dumps, documents)).encode()
    # The command is its own process under time, whose peak is not that of others.
    command = ["/usr/bin/time", "--format", "%M", probe, "review", "-", "--format", "json"]
    spent, peaks = [], []
    for _ in range(runs):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(command, input=documents, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        peaks.append(int(done.stderr.split()[-1]) / 1024)
        decided = sum("configuration" in check for check in json.loads(done.stdout)["checks"])
    line = (f"`review` of {LARGE:,} rules and {LARGE:,} routes decides {decided} checks in {median(spent):.2f} s of CPU with {max(peaks):.0f} MiB "
            f"({runs} runs).")
    print(line)
    missed = median(spent) > LARGE_CPU or max(peaks) > LARGE_MIB or not decided
    return line, [f"{line} {LARGE_CPU} s and {LARGE_MIB} MiB are the bound"] if missed else []


def right(result, truth):
    """Hosts whose verdict is right, and hosts whose cause is right as well."""
    verdicts = sum((result.outcomes.get(host) == "ok") == (what == "ok") and host in result.outcomes
                   for host, what in truth.items())
    return verdicts, sum(result.outcomes.get(host) == what for host, what in truth.items())


def median(values):
    return statistics.median(values)


def row(case, name, results, truth, ratio):
    """One line of the table: medians, and of the right answers the worst run."""
    verdicts, causes = (min(column) for column in zip(*(right(result, truth) for result in results)))
    wall = median(result.wall for result in results)
    shown = f"> {baselines.PATIENCE}" if wall >= baselines.PATIENCE else f"{wall:.3f}"
    return (f"| {case} | {name} | {shown} | {ratio} | {median(result.cpu for result in results):.2f} "
            f"| {max(result.peak for result in results) / 1024:.1f} | {verdicts} | {causes} |")


def compare(lab, probe, runs):
    """The table, and what misses its bound."""
    lines = ["| case | tool | wall s | × curl -Z | CPU s | peak MB | verdicts of 40 | causes of 40 |", "|---|---|---|---|---|---|---|---|"]
    faults, missing = [], set()
    for case, scenario, truth, bound in CASES:
        answer = run_case(lab, probe, scenario, runs if case == "healthy" else max(3, runs // 5))
        missing.update(answer["missing"])
        seen = answer["seen"]
        for name in (tool for tool in TOOLS if tool in seen):
            ratio = median(one.wall / other.wall for one, other in zip(seen[name], seen["curl -Z"]))
            lines.append(row(case, name, seen[name], truth, f"{ratio:.2f}"))
            print(lines[-1], flush=True)
            if name == "apim-probe":
                beyond = median((one.wall - PACED) / other.wall for one, other in zip(seen[name], seen["curl -Z"]))
                if bound and beyond > bound:
                    faults.append(f"{case}: {beyond:.3f} times curl -Z without the pace, {bound} is the bound")
                if any(right(result, truth) != (40, 40) for result in seen[name]):
                    faults.append(f"{case}: not all verdicts and causes are right")
    return lines, faults, sorted(missing)


def lose(lab, probe, times):
    """False failures of apim-probe alone over many runs with 30 % of the SYNs lost."""
    answer = run_case(lab, probe, "syn_loss = 30", times, ["apim-probe"])
    results = answer["seen"]["apim-probe"]
    wrong = [sum(outcome != "ok" for outcome in result.outcomes.values()) for result in results]
    walls = sorted(result.wall for result in results)
    line = (f"{len(results)} runs over 40 good endpoints with 30 % of all SYNs lost: {sum(wrong)} false failures "
            f"({sum(count > 0 for count in wrong)} of the runs had one); wall median {median(walls):.2f} s, longest {walls[-1]:.2f} s.")
    print(line)
    return line, [line] if sum(wrong) or len(results) < times else []


def version(tool):
    """The first thing that looks like a version in what the tool says of itself."""
    if not shutil.which(tool):
        return "(not installed)"
    said = subprocess.run([tool, "--version"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False).stdout
    return re.search(rb"\d+(\.\d+)+", said).group().decode()


def page(lines, loss, missing, runs):
    """docs/benchmarks.md."""
    curl, nmap, blackbox = (version(name) for name in ("curl", "nmap", "prometheus-blackbox-exporter"))
    absent = f"Not installed here, so not compared: {', '.join(missing)}.\n\n" if missing else ""
    return f"""# Benchmarks

The same forty HTTPS hosts, each with a name and an address of its own, asked by four tools in turn inside the lab's network
(a VM, a firewall and servers in three network namespaces of one machine). The task: say of each host whether TLS with a
verified certificate and an HTTP answer come back, and if not, why. nmap looks at ports only.

Measured on {datetime.date.today()} with {os.cpu_count()} cores (load {os.getloadavg()[2]:.0f}) and Linux {platform.release()}: {runs} rounds of the healthy case, {max(3, runs // 5)} of the others.
Times are medians, memory is the largest, and right answers are those of the worst round. Absolute times mean little, the
ratios do. To run it again: `scripts/bench --write`.

{absent}{chr(10).join(lines)}

{loss}

* **curl** {curl}: `-Z --parallel-immediate --parallel-max 300 -m 5`, the cause read from its exit code and message.
* **nmap** {nmap}: `-n -Pn -T4 --min-parallelism 100 -p 443 --reason`, ended after {baselines.PATIENCE} s. It resolves names one after the other.
* **blackbox** {blackbox}: the `http` prober with 5 s, all hosts scraped at once, the cause read from its debug output; CPU
  and memory are the exporter's alone.
* **apim-probe**: `check --only custom --endpoint HOST:443/https,required …`, defaults otherwise. It begins at most 19 connections
  in 100 ms, since firewalls count them, which alone takes {PACED:.1f} s for forty hosts; a host that is silent among others that
  answer is asked a second time before it is called so.

A rejecting firewall sends few ICMP messages (Linux: six at once and then one a second), so most rejected hosts look dropped to
a tool that judges each alone; a lost SYN costs a tool that sends one at a time a second or the host.
"""


def main():
    if sys.argv[1] == "inner":
        return inner(sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]), sys.argv[6:])
    parser = argparse.ArgumentParser(prog="scripts/bench")
    parser.add_argument("probe")
    parser.add_argument("lab")
    parser.add_argument("--runs", type=int, default=15, help="rounds of the healthy case; the others take a fifth, at least 3")
    parser.add_argument("--loss", type=int, default=100, help="runs with lost packets, of apim-probe alone")
    parser.add_argument("--only-loss", action="store_true", help="nothing but those")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    args = parser.parse_args()
    print(f"binary {os.path.getsize(args.probe)} bytes", flush=True)
    lines, faults, missing = ([], [], []) if args.only_loss else compare(args.lab, args.probe, args.runs)
    grown, slow = ("", []) if args.only_loss else grow(args.lab, args.probe, max(3, args.runs // 5))
    reviewed, heavy = ("", []) if args.only_loss else review(args.probe, 5)
    loss, lost = lose(args.lab, args.probe, args.loss) if args.loss else ("", [])
    if args.write:
        with open("docs/benchmarks.md", "w", encoding="utf-8") as file:
            file.write(page(lines, f"{grown}\n\n{reviewed}\n\n{loss}", missing, args.runs))
    for tool in missing:
        print(f"not compared: {tool} is not installed and could not be")
    for fault in faults + slow + heavy + lost:
        print(f"MISSED {fault}")
    return 1 if faults or slow or heavy or lost else 0


sys.exit(main())
