"""The tools that are compared: how each is asked about the same hosts, and what its answer says of each host.

A tool is a function from (hosts, folder) to a `Result`. Outcomes are `ok`, `dropped`, `rejected`, `dns` or `failed`
(something else, or a cause that the tool does not tell)."""

import json
import os
import re
import resource
import shutil
import subprocess
import time
import xml.etree.ElementTree as xml
from collections import namedtuple

Result = namedtuple("Result", "wall cpu peak outcomes")
TIMEOUT_S = 30  # seconds after which a tool is ended; its hosts without an answer count as wrong


def timed(command, output):
    """Runs a command to its end; wall and CPU seconds, and the peak memory of its largest process in kB."""
    notes = output + ".peak"
    with open(output, "wb") as out, open(os.devnull, "wb") as null:
        begun = time.monotonic()
        child = subprocess.Popen(["/usr/bin/time", "-o", notes, "-f", "%M", "timeout", str(TIMEOUT_S), *command],
                                 stdout=out, stderr=null)
        _, _, usage = os.wait4(child.pid, 0)
        wall = time.monotonic() - begun
    with open(notes, encoding="utf-8") as file:
        peak = int(file.read().split()[-1])
    return wall, usage.ru_utime + usage.ru_stime, peak


def apim_probe(hosts, folder, probe, roots):
    endpoints = [word for host in hosts for word in ("--endpoint", f"{host}:443/https,required")]
    output = f"{folder}/ours"
    wall, cpu, peak = timed([probe, "check", "--region", "eastus2", "--only", "custom", *endpoints, "--public-roots", roots,
                             "--format", "json"], output)
    words = {"connect-timeout": "dropped", "connect-rejected": "rejected", "dns-timeout": "dns"}
    with open(output, encoding="utf-8") as file:
        checks = json.load(file)["checks"]
    outcomes = {check["host"]: "ok" if check["status"] == "success" else words.get(check.get("cause"), "failed")
                for check in checks if check["endpoint"] == "custom"}
    return Result(wall, cpu, peak, outcomes)


def curl_said(code, message):
    """curl's exit code and message in our words."""
    if code == 0:
        return "ok"
    if code == 6 or "esolv" in message:
        return "dns"
    if code == 7:
        return "rejected"  # said of a RST and of an ICMP message alike
    return "dropped" if code == 28 or "timed out" in message.lower() else "failed"


def curl(hosts, folder, roots):
    output = f"{folder}/curl"
    command = ["curl", "-Z", "--parallel-immediate", "--parallel-max", "300", "-m", "5", "-s", "--cacert", roots,
               "-w", "%{url}\\t%{exitcode}\\t%{errormsg}\\n"]
    for host in hosts:
        command += ["-o", "/dev/null", f"https://{host}/"]
    wall, cpu, peak = timed(command, output)
    outcomes = {}
    with open(output, encoding="utf-8") as file:
        for line in file:
            url, code, message = (line.rstrip("\n").split("\t") + ["", ""])[:3]
            outcomes[url.split("/")[2]] = curl_said(int(code or 1), message)
    return Result(wall, cpu, peak, outcomes)


def nmap(hosts, folder):
    """Ports only: nmap asks no server for its certificate in this mode, which is its fastest."""
    output = f"{folder}/nmap"
    wall, cpu, peak = timed(["nmap", "-n", "-Pn", "-T4", "--min-parallelism", "100", "-p", "443", "--reason", "-oX", "-", *hosts], output)
    words = {"no-response": "dropped", "admin-prohibited": "rejected", "host-unreach": "rejected"}
    outcomes = {}
    try:
        for host in xml.parse(output).getroot().iter("host"):
            name, state = host.find("hostnames/hostname"), host.find("ports/port/state")
            if name is not None and state is not None:
                open_or = "ok" if state.get("state") == "open" else words.get(state.get("reason"), "failed")
                outcomes[name.get("name")] = open_or
    except xml.ParseError:
        pass  # it was ended in the middle of its work
    return Result(wall, cpu, peak, outcomes)


BLACKBOX = """modules:
  https:
    prober: http
    timeout: 5s
    http:
      preferred_ip_protocol: ip4
      follow_redirects: false
      valid_status_codes: [200, 400, 401, 403, 404]
      tls_config: {ca_file: %s}
"""


def blackbox_said(text):
    if re.search(r"^probe_success 1", text, re.M):
        return "ok"
    log = text.split("Metrics that would have been returned")[0]
    if 'err="lookup ' in log or "esolution with IP protocol failed" in log or "Error resolving address" in log:
        return "dns"
    if "no route to host" in log:
        return "rejected"
    return "dropped" if "i/o timeout" in log or "deadline exceeded" in log else "failed"


class Blackbox:
    """The exporter, started once; each run is one scrape of all hosts at once. Its own CPU and memory are counted, not
    those of the scraper."""

    def __init__(self, folder, roots):
        config = f"{folder}/blackbox.yml"
        with open(config, "w", encoding="utf-8") as file:
            file.write(BLACKBOX % roots)
        self.process = subprocess.Popen(["prometheus-blackbox-exporter", "--config.file", config, "--web.listen-address",
                                         "127.0.0.1:9115", "--log.level", "error"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        ready = ["curl", "-s", "--retry", "50", "--retry-connrefused", "--retry-delay", "1", "-o", "/dev/null", "http://127.0.0.1:9115/"]
        subprocess.run(ready, check=True)

    def cpu(self):
        # The clock of another process, as clock_getcpuclockid(3) numbers it: /proc shows other process ids in here.
        return time.clock_gettime((~self.process.pid << 3) | 2)

    def __call__(self, hosts, folder):
        command = ["curl", "-Z", "--parallel-immediate", "--parallel-max", "300", "-s"]
        for host in hosts:
            command += ["-o", f"{folder}/{host}.metrics",
                        f"http://127.0.0.1:9115/probe?module=https&debug=true&target=https://{host}/"]
        before = self.cpu()
        wall, _, _ = timed(command, f"{folder}/blackbox")
        outcomes = {}
        for host in hosts:
            try:
                with open(f"{folder}/{host}.metrics", encoding="utf-8") as file:
                    outcomes[host] = blackbox_said(file.read())
            except FileNotFoundError:
                pass
        return Result(wall, self.cpu() - before, 0, outcomes)

    def end(self, results):
        """The same results with the peak memory, which the system tells when the process has ended."""
        self.process.terminate()
        _, _, usage = os.wait4(self.process.pid, 0)
        return [result._replace(peak=usage.ru_maxrss) for result in results]


def tools(probe, roots, folder):
    """The tools that this machine has, by name, and what it has not."""
    known = {"apim-probe": lambda hosts, folder: apim_probe(hosts, folder, probe, roots),
             "curl -Z": lambda hosts, folder: curl(hosts, folder, roots)}
    missing = []
    if shutil.which("nmap"):
        known["nmap"] = nmap
    else:
        missing.append("nmap")
    if shutil.which("prometheus-blackbox-exporter"):
        known["blackbox"] = Blackbox(folder, roots)
    else:
        missing.append("prometheus-blackbox-exporter")
    return known, missing


def many_files():
    """Every tool may open as many files as the machine allows."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
