# SPDX-License-Identifier: MIT
"""What does a round of polling cost? picketd beside others, in one run, against a server that is made here.

    python3 tests/bench/poll.py [--build build] [--feeds 200 1000 10000] [--items 10] [--latency 20] [--idle 60]

Every feed has a host of its own (127.A.B.1), every answer comes after the latency. Each contestant polls all feeds twice:
the first time it gets them, the second time it should be told 304, and the server counts what it was truly asked. What
counts is CPU seconds (user and system, with all children) as wait4() tells them; wall time and peak memory stand beside
it. `curl --parallel 50` with ETags keeps no state and reads nothing: it is the limit. newsboat (20 threads), sfeed_update
(16 jobs) and rss2email take part when they are installed. With --idle, the wakeups of a picketd that has nothing to do.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import resource
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request

SLOW = 1000  # readers that start processes for each feed take no part in larger rounds
REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def host(i):
    return "127.%d.%d.1" % (1 + i // 250, i % 250)


# --- the server ---

class Answering(asyncio.Protocol):
    """Keep-alive, GET only: /feed gives the host's feed or 304, /counts what was asked since the last /counts."""

    asked = {"all": 0, "conditional": 0, "connections": 0, "concurrent": 0}
    in_flight = 0
    latency = 0.0
    n_items = 0

    def connection_made(self, transport):
        self.transport, self.buffer = transport, b""
        Answering.asked["connections"] += 1

    def data_received(self, data):
        self.buffer += data
        while b"\r\n\r\n" in self.buffer:
            head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
            if head.startswith(b"GET /counts"):
                self.send(b"200 OK", json.dumps(Answering.asked).encode())
                Answering.asked = dict.fromkeys(Answering.asked, 0)
                continue
            Answering.asked["all"] += 1
            Answering.in_flight += 1
            Answering.asked["concurrent"] = max(Answering.asked["concurrent"], Answering.in_flight)
            asyncio.get_running_loop().call_later(Answering.latency, self.answer, head)

    def answer(self, head):
        Answering.in_flight -= 1
        lower = head.lower()
        if b"\r\nif-none-match:" in lower or b"\r\nif-modified-since:" in lower:
            Answering.asked["conditional"] += 1
            self.send(b"304 Not Modified", None)
        else:
            name = lower.split(b"\r\nhost:", 1)[1].split(b"\r\n", 1)[0].strip().split(b":")[0].decode()
            self.send(b"200 OK", feed(name, Answering.n_items))

    def send(self, status, body):
        if self.transport.is_closing():
            return
        head = b"HTTP/1.1 " + status + b'\r\nETag: "1"\r\nLast-Modified: Fri, 20 Feb 2026 06:30:00 GMT\r\n'
        if body is not None:
            head += b"Content-Type: application/rss+xml\r\nContent-Length: %d\r\n" % len(body)
        self.transport.write(head + b"\r\n" + (body or b""))


def feed(name, n_items):
    """Some 600 bytes an item, as news feeds have them: a headline, a lead, an address, a date."""
    items = "".join(
        "<item><title>Report %d of %s on the summit of ministers</title><link>https://%s/news/%d?utm_source=rss</link>"
        '<guid isPermaLink="false">%s-%d</guid><pubDate>Fri, 20 Feb 2026 0%d:30:00 GMT</pubDate><description>&lt;p&gt;%s'
        "&lt;/p&gt;</description></item>"
        % (i, name, name, i, name, i, i % 10, "The minister said on Friday that the mission goes on as agreed. " * 5)
        for i in range(n_items))
    return ('<?xml version="1.0"?><rss version="2.0"><channel><title>%s</title><link>https://%s/</link>%s</channel></rss>'
            % (name, name, items)).encode()


def serve(listener, latency, n_items):
    async def run():
        Answering.latency, Answering.n_items = latency, n_items
        server = await asyncio.get_running_loop().create_server(Answering, sock=listener, backlog=4096)
        await server.serve_forever()
    asyncio.run(run())


class Server:
    def __init__(self, latency, n_items):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("0.0.0.0", 0))
        self.port = listener.getsockname()[1]
        self.process = multiprocessing.Process(target=serve, args=(listener, latency, n_items), daemon=True)
        self.process.start()
        listener.close()

    def url(self, i):
        return "http://%s:%d/feed" % (host(i), self.port)

    def counts(self):
        with urllib.request.urlopen("http://127.0.0.1:%d/counts" % self.port) as answer:
            return json.load(answer)


# --- the contestants: each writes its configuration once, and gives the command of a round ---

class Picket:
    name, largest = "picketd --once", 10000

    def __init__(self, build, folder, urls):
        os.makedirs(folder)
        self.state = os.path.join(folder, "state")
        self.configuration = os.path.join(folder, "picket.conf")
        with open(self.configuration, "w") as f:
            f.write("[picket]\nstate-directory = %s\nallow-private = yes\nfull-text = never\ncontact = https://example.org/\n"
                    "include = %s/config/profiles/*.conf\n" % (self.state, REPOSITORY))
            f.writelines("[feed f%d]\nurl = %s\n" % (i, url) for i, url in enumerate(urls))
        self.argv = [os.path.join(build, "picketd"), "-c", self.configuration, "--once"]
        self.environment = None

    def between(self):
        """All is due again."""
        with sqlite3.connect(os.path.join(self.state, "picket.db")) as db:
            db.execute("UPDATE feeds SET next_poll_usec = 0")


class Curl:
    name, largest = "curl --parallel 50, ETags", 10000

    def __init__(self, build, folder, urls):
        os.makedirs(folder)
        configuration = os.path.join(folder, "curl.conf")
        with open(configuration, "w") as f:
            f.write("parallel\nparallel-max = 50\nparallel-immediate\nsilent\n")
            f.write("next\n".join('url = "%s"\noutput = "%s/%d.xml"\netag-compare = "%s/%d.etag"\netag-save = "%s/%d.etag"\n'
                                  % (url, folder, i, folder, i, folder, i) for i, url in enumerate(urls)))
        self.argv, self.environment = ["curl", "--config", configuration], None

    def between(self):
        pass


class Newsboat:
    name, largest = "newsboat, 20 threads", 10000

    def __init__(self, build, folder, urls):
        os.makedirs(folder)
        with open(os.path.join(folder, "urls"), "w") as f:
            f.writelines(url + "\n" for url in urls)
        with open(os.path.join(folder, "config"), "w") as f:
            f.write("reload-threads 20\n")
        self.argv = ["newsboat", "-u", folder + "/urls", "-C", folder + "/config", "-c", folder + "/cache.db", "-x", "reload"]
        self.environment = dict(os.environ, HOME=folder)

    def between(self):
        pass


class Sfeed:
    name, largest = "sfeed_update, 16 jobs", SLOW

    def __init__(self, build, folder, urls):
        os.makedirs(folder)
        with open(os.path.join(folder, "sfeedrc"), "w") as f:
            f.write('sfeedpath="%s/feeds"\nmaxjobs=16\nfeeds() {\n' % folder)
            f.writelines('feed "f%d" "%s"\n' % (i, url) for i, url in enumerate(urls))
            f.write("}\n")
            # As its manual proposes for servers that know ETags.
            f.write('fetch() { curl -s -L --etag-save "$3.etag" --etag-compare "$3.etag" -m 15 "$2" 2>/dev/null; }\n')
        self.argv, self.environment = ["sfeed_update", folder + "/sfeedrc"], None

    def between(self):
        pass


class Rss2email:
    name, largest = "rss2email", SLOW

    def __init__(self, build, folder, urls):
        os.makedirs(folder)
        with open(os.path.join(folder, "r2e.cfg"), "w") as f:
            f.write("[DEFAULT]\nto = a@example.org\nfrom = b@example.org\nemail-protocol = sendmail\nsendmail = /bin/true\n")
            f.writelines("[feed.f%d]\nurl = %s\n" % (i, url) for i, url in enumerate(urls))
        self.argv = ["r2e", "-c", folder + "/r2e.cfg", "-d", folder + "/r2e.json", "run", "--no-send"]
        self.environment = dict(os.environ, HOME=folder)

    def between(self):
        pass


def peak_kib(pid):
    """The process's own peak so far; 0 when it has ended. (What wait4() tells begins with the peak of this script.)"""
    try:
        with open("/proc/%d/status" % pid) as f:
            return max([int(line.split()[1]) for line in f if line.startswith("VmHWM")], default=0)
    except (FileNotFoundError, ProcessLookupError):
        return 0


def run(argv, environment):
    """CPU seconds with all children, wall seconds, and peak KiB of the command itself; None when it fails."""
    began = time.monotonic()
    errors = tempfile.TemporaryFile()
    process = subprocess.Popen(argv, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors)
    peak, ended = 0, 0
    while ended == 0:
        time.sleep(0.005)
        peak = max(peak, peak_kib(process.pid))
        ended, status, usage = os.wait4(process.pid, os.WNOHANG)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        errors.seek(0)
        print(errors.read().decode(errors="replace")[-500:])
        return None
    return usage.ru_utime + usage.ru_stime, time.monotonic() - began, peak


def table(found, server, arguments, n_feeds, folder):
    print("\n%d feeds on %d hosts, %d ms latency, %d items each" % (n_feeds, n_feeds, arguments.latency, arguments.items))
    print("| | CPU s, first | of curl | CPU s, 304s | of curl | wall s, first | wall s, 304s | peak MiB | requests | conditional |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    limit = None
    for contestant in found:
        if n_feeds > contestant.largest:
            continue
        instance = contestant(arguments.build, os.path.join(folder, "%s-%d" % (contestant.__name__, n_feeds)),
                              [server.url(i) for i in range(n_feeds)])
        server.counts()
        rounds, counts = [], []
        for i in range(1 + arguments.rounds):
            if i > 0:
                instance.between()
            rounds.append(run(instance.argv, instance.environment))
            counts.append(server.counts())
        if None in rounds:
            print("| %s | failed |" % contestant.name)
            continue
        first, again = rounds[0], min(rounds[1:])
        limit = limit or (first[0], again[0])
        print("| %s | %.3f | %.2f | %.3f | %.2f | %.2f | %.2f | %.1f | %d + %d | %d |"
              % (contestant.name, first[0], first[0] / limit[0], again[0], again[0] / limit[1], first[1], again[1],
                 max(r[2] for r in rounds) / 1024, counts[0]["all"], counts[-1]["all"], counts[-1]["conditional"]))
        sys.stdout.flush()


def context_switches(pid):
    with open("/proc/%d/status" % pid) as f:
        return sum(int(line.split()[1]) for line in f if "ctxt_switches" in line)


def idle(server, arguments, folder):
    """How often a picketd wakes up that has polled everything and has nothing due."""
    n_feeds = min(1000, max(arguments.feeds))
    instance = Picket(arguments.build, os.path.join(folder, "idle"), [server.url(i) for i in range(n_feeds)])
    environment = {k: v for k, v in os.environ.items() if not k.startswith("DBUS_")}
    server.counts()
    process = subprocess.Popen(instance.argv[:-1], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    n_asked, deadline = 0, time.monotonic() + 120
    while n_asked < n_feeds and time.monotonic() < deadline:
        time.sleep(1)
        n_asked += server.counts()["all"]
    time.sleep(10)  # the last commit, pruning, the status line
    before = context_switches(process.pid)
    time.sleep(arguments.idle)
    after, asked = context_switches(process.pid), server.counts()["all"]
    process.terminate()
    process.wait()
    print("\nIdle with %d feeds: %d wakeups in %d s, %d requests in that time"
          % (n_feeds, after - before, arguments.idle, asked))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    parser.add_argument("--feeds", type=int, nargs="+", default=[200, 1000, 10000])
    parser.add_argument("--items", type=int, default=10)
    parser.add_argument("--latency", type=int, default=20, help="milliseconds")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of 304s; the cheapest counts")
    parser.add_argument("--only", nargs="+", help="contestants whose names contain one of these")
    parser.add_argument("--idle", type=int, default=60, help="seconds; 0: leave it out")
    arguments = parser.parse_args()

    found = [Curl, Picket]
    for contestant, program in ((Newsboat, "newsboat"), (Sfeed, "sfeed_update"), (Rss2email, "r2e")):
        if shutil.which(program):
            found.append(contestant)
        else:
            print("%s is not installed, skipped" % program)
    if arguments.only:
        found = [c for c in found if any(word in c.name for word in arguments.only)]

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536), hard))
    with tempfile.TemporaryDirectory(prefix="picket-bench-") as folder:
        server = Server(arguments.latency / 1000, arguments.items)
        for n_feeds in arguments.feeds:
            table(found, server, arguments, n_feeds, folder)
        if arguments.idle > 0:
            idle(server, arguments, folder)
        server.process.terminate()


if __name__ == "__main__":
    main()
