# SPDX-License-Identifier: MIT
"""Whom picketd asks, and when: one host's queue, servers that ask to be left alone, what hangs, and being offline.

Names carry the numbers of the list of good manners in docs/polling.md and of the Feed Reader Behavior project (frb).
Spans are what is tested here, so they are measured: never shorter than promised, and not longer than a busy machine
explains.
"""

import os
import shutil
import signal
import socket
import subprocess
import time

from harness import CLOCK_SLACK, DEADLINE, ROOT, WRAPPER, Answer, PicketTest, Server, item, rss

SPACING = 2.0           # between two requests to a host
SLOW_SPACING = 10.0     # ... to one that answered 429 before
# What one feed may cost another. Valgrind and sanitizers slow all things down.
DELAY = 1.0 * (10 if WRAPPER else 1)
FEED = rss(item("Nothing of interest", link="https://example.org/1"))


def http_date(seconds):
    return time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + seconds))


class Limited(Server):
    """The first request is answered 429 with what @retry_after gives then, all others with a feed; none of the paths is
    told apart."""

    def __init__(self, retry_after):
        self.retry_after = [retry_after]
        super().__init__()

    def _next(self, path):
        if not self.retry_after:
            return Answer(body=FEED)
        value = self.retry_after.pop()()
        return Answer(429, headers={"Retry-After": value} if value else {})


class HostsTest(PicketTest):
    def names(self, **names):
        """picketd's own resolver: "a=127.0.0.1" is a.test. Again, to change it."""
        library = self.folder / "names.so"
        if not library.exists():
            compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
            if not compiler:
                self.skipTest("needs a C compiler for a resolver of its own")
            subprocess.run([compiler, "-D_GNU_SOURCE", "-shared", "-fPIC", "-o", library,
                            ROOT / "tests/integration/names.c"], check=True)
        known = self.folder / "names"
        new = self.folder / "names.new"
        new.write_text("".join("%s.test %s\n" % (n.replace("_", "-"), a) for n, a in names.items()))
        os.replace(new, known)
        options = os.environ.get("ASAN_OPTIONS", "")
        self.environment.update(LD_PRELOAD=str(library), PICKET_NAMES=str(known),
                                ASAN_OPTIONS=options + ":verify_asan_link_order=0")

    def bus(self):
        """A session bus, so that picketctl reaches picketd."""
        if not shutil.which("dbus-daemon"):
            self.skipTest("needs dbus-daemon")
        address = "unix:path=%s/bus" % self.folder
        process = subprocess.Popen(["dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address=1",
                                    "--address=" + address], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.addCleanup(process.stdout.close)
        process.stdout.readline()
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = address

    def status(self):
        return self.ctl("status", "--json").json

    def times(self, server, path=None):
        return [r.time for r in server.seen(path)]

    def assertSpaced(self, times, span):
        gaps = [b - a for a, b in zip(times, times[1:])]
        self.assertGreaterEqual(min(gaps), span - CLOCK_SLACK, gaps)
        return gaps


class Queue(HostsTest):
    def test_s11_11_frb_033_frb_034_one_at_a_time_per_host(self):
        """Feeds of one host go one by one; another host and another port are not held up by it."""
        self.names(many="127.0.0.1", other="127.0.0.1")
        many, other, port = self.serve(), self.serve(), self.serve()
        feeds = []
        for i in range(5):
            many.route("/%d" % i, body=FEED, delay=0.3)
            feeds.append(("many%d" % i, "http://many.test:%d/%d" % (many.port, i)))
        for i in range(2):
            other.route("/%d" % i, body=FEED)
            port.route("/%d" % i, body=FEED)
            feeds.append(("other%d" % i, "http://other.test:%d/%d" % (other.port, i)))
            feeds.append(("port%d" % i, port.url("/%d" % i)))
        self.configure(feeds=feeds)
        self.once()
        self.assertEqual(len(many.seen()), 5)
        self.assertEqual(many.n_active_max, 1)
        begin = min(self.times(many) + self.times(other) + self.times(port))
        self.assertLess(max(self.assertSpaced(self.times(many), SPACING)), SPACING + DELAY)
        for server in (other, port):
            self.assertSpaced(self.times(server), SPACING)
            self.assertLess(max(self.times(server)) - begin, SPACING + DELAY)

    def test_once_leaves_the_rest_for_the_next_run(self):
        """More feeds of one host than fit into --once: it ends in time, and goes on where it stopped."""
        server = self.serve()
        for i in range(25):
            server.route("/%d" % i, body=FEED, etag='"1"')
        self.configure(feeds=[("f%02d" % i, server.url("/%d" % i)) for i in range(25)])
        begin = time.monotonic()
        self.run_program("picketd", "--user", "-c", self.config, "--once")
        self.assertLess(time.monotonic() - begin, 45 + DELAY)
        first = {r.path for r in server.seen()}
        self.assertGreaterEqual(len(first), 20 if not WRAPPER else 10)
        server.forget()
        self.run_program("picketd", "--user", "-c", self.config, "--once")
        self.assertEqual({r.path for r in server.seen()}, {"/%d" % i for i in range(25)} - first)


class LeftAlone(HostsTest):
    def test_s11_06_s11_07_frb_016_frb_020_retry_after_survives_a_kill(self):
        """Seconds and a date; the host's other feed waits, also across kill -9 and a restart, and by hand."""
        wait = 40 if WRAPPER else 12      # longer than it takes to start twice
        self.bus()
        servers = {
            "seconds": self.serve(Limited, retry_after=lambda: wait),
            "date": self.serve(Limited, retry_after=lambda: http_date(wait)),
            # an hour, as it does not say
            "silent": self.serve(Limited, retry_after=lambda: None),
        }
        free = self.serve()
        free.route("/", body=FEED)
        feeds = [(name + n, server.url("/" + n)) for name, server in servers.items() for n in ("a", "b")]
        self.configure(feeds=feeds + [("free", free.url("/"))])
        daemon = self.start()
        free.wait_for()
        for server in servers.values():
            server.wait_for()
        hosts = self.wait(lambda: len(self.status()["hosts"]) == 3 and self.status()["hosts"], "closed hosts", daemon)
        self.assertEqual({h["name"] for h in hosts}, {s.base[len("http://"):] for s in servers.values()})
        self.assertEqual({h["scope"] for h in hosts}, {"domain"})
        for name in ("seconds", "silent"):
            for n in ("a", "b"):
                refused = self.ctl("poll", name + n, status=None)
                self.assertNotEqual(refused.status, 0)
                self.assertRegex(refused.stderr, r"left alone until \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")

        # what was answered a moment ago is durable with the next commit
        self.wait(lambda: self.database().execute("SELECT count(*) FROM hosts").fetchone()[0] == 3, "a commit", daemon)
        daemon.kill()
        daemon.wait()
        daemon = self.start()
        self.wait(lambda: self.status()["running"], "the bus", daemon)
        self.assertEqual(len(self.status()["hosts"]), 3)
        self.assertNotEqual(self.ctl("poll", "silentb", status=None).status, 0)
        for name in ("seconds", "date"):
            first, second = servers[name].wait_for(n=2, timeout=wait + DEADLINE)[:2]
            # a date has whole seconds, and so may be one short
            self.assertGreaterEqual(second.time - first.time, wait - (name == "date") - CLOCK_SLACK, name)
            self.assertLess(second.time - first.time, wait + DELAY + 1, name)
        self.assertEqual(len(servers["silent"].seen()), 1)

    def test_503_speaks_for_its_feed_until_a_second_one_gets_it(self):
        server = self.serve()
        busy = Answer(503, headers={"Retry-After": 1000})
        for path in ("/a", "/b"):
            server.route(path, [busy])
        for path in ("/c", "/d", "/e"):
            server.route(path, body=FEED)
        self.configure(feeds=[(name, server.url("/" + name)) for name in "a"])
        self.once()
        self.assertEqual(self.status()["hosts"], [])
        self.configure(feeds=[(name, server.url("/" + name)) for name in "ac"])
        server.forget()
        self.run_program("picketd", "--user", "-c", self.config, "--once")
        self.assertEqual([r.path for r in server.seen()], ["/c"])
        # within one run two of them
        self.configure(feeds=[(name, server.url("/" + name)) for name in "ab"])
        self.once()
        self.assertEqual([(h["name"], h["scope"]) for h in self.status()["hosts"]],
                         [(server.base[len("http://"):], "host")])
        self.configure(feeds=[(name, server.url("/" + name)) for name in "de"])
        server.forget()
        self.run_program("picketd", "--user", "-c", self.config, "--once")
        self.assertEqual(server.seen(), [])


class Hanging(HostsTest):
    def test_what_hangs_delays_nobody(self):
        """A hung server, a proxy that accepts and says nothing, a resolver that is stuck: all others are on time."""
        self.names(stuck="hang", good="127.0.0.1")
        hung = self.serve()
        hung.route("/", fault="hang")
        proxy = socket.socket()
        self.addCleanup(proxy.close)
        proxy.bind(("127.0.0.1", 0))
        proxy.listen()
        servers = [self.serve(host="127.0.0.%d" % (i + 2)) for i in range(10)]
        for server in servers:
            server.route("/", body=FEED)
            server.route("/late", body=FEED)
        bad = [("hung", hung.url("/")), ("stuck", "http://stuck.test/"),
               ("dead", "http://good.test:1/", "proxy = http://127.0.0.1:%d" % proxy.getsockname()[1])]
        good = [("g%d" % i, server.url("/")) for i, server in enumerate(servers[1:])]
        good.append(("named", "http://good.test:%d/" % self.route_all(servers)))
        self.configure(feeds=bad + good)
        begin = time.monotonic()
        daemon = self.start()
        hung.wait_for()
        first = [server.wait_for("/")[0].time for server in servers]
        self.assertLess(max(first) - min(first), DELAY, self.log(daemon))

        # and while they hang: a feed that is added
        time.sleep(max(0.0, begin + 4 - time.monotonic()))
        late = [("l%d" % i, server.url("/late")) for i, server in enumerate(servers[1:])]
        self.configure(feeds=bad + good + late)
        asked = time.monotonic()
        daemon.send_signal(signal.SIGHUP)
        last = [server.wait_for("/late")[0].time for server in servers[1:]]
        self.assertLess(max(last) - asked, DELAY, self.log(daemon))
        self.stop(daemon)

    def route_all(self, servers):
        """The port of the first server, which listens on 127.0.0.1 for the name."""
        servers[0] = self.serve()
        servers[0].route("/", body=FEED)
        return servers[0].port


    def test_frb_116_a_thread_that_cannot_start_is_no_error_of_the_feed(self):
        """Nor does it mean offline, however many names that concerns."""
        self.names(a="127.0.0.1", b="127.0.0.1", c="127.0.0.1")
        server = self.serve()
        server.route("/", body=FEED)
        none = self.folder / "no-threads"
        none.write_text("")
        self.environment["PICKET_NO_THREADS"] = str(none)
        self.configure(feeds=[(n, "http://%s.test:%d/" % (n, server.port)) for n in "abc"])
        daemon = self.start()
        self.wait(lambda: "a thread or socket is not to be had" in self.log(daemon), "the limit", daemon)
        none.unlink()
        server.wait_for(n=3, timeout=50)
        self.stop(daemon)
        self.assertEqual({f["failures"] for f in self.status()["feeds"]}, {0})
        self.assertNotIn("Offline", self.log(daemon))
        self.assertEqual(self.log(daemon).count("not to be had"), 1)


class Offline(HostsTest):
    def test_s11_08_s11_13_frb_116_offline_is_no_error(self):
        """No name resolves: no feed has an error, one a minute is tried, and all go on when names come back."""
        self.names()
        server, local = self.serve(), self.serve()
        names = ["a", "b", "c", "d"]
        for name in names:
            server.route("/" + name, body=FEED)
        local.route("/", body=FEED)
        self.bus()
        self.configure(feeds=[(n, "http://%s.test:%d/%s" % (n, server.port, n)) for n in names]
                       + [("near", local.url("/"))])
        daemon = self.start()
        self.wait(lambda: "Offline: " in self.log(daemon), "offline", daemon)
        local.wait_for()        # which is no proof
        offline = time.monotonic()
        status = self.wait(lambda: self.status()["running"] and self.status(), "the bus", daemon)
        self.assertEqual(status["network"]["state"], "offline")
        self.assertEqual({(f["failures"], f["error"]) for f in status["feeds"]}, {(0, None)})

        # names come back; the next probe finds it without help
        self.names(**{n: "127.0.0.1" for n in names})
        server.wait_for(timeout=90)
        self.assertGreater(server.seen()[0].time - offline, 50)
        self.wait(lambda: "The network is back" in self.log(daemon), "online", daemon)
        # of the three others the first at once, the next a while later
        server.wait_for(n=2)
        time.sleep(3)
        self.assertEqual(len(server.seen()), 2, "all at once")
        status = self.status()
        self.assertEqual(status["network"]["state"], "online")
        self.assertEqual({(f["failures"], f["error"]) for f in status["feeds"]}, {(0, None)})
        self.assertNotIn("could not be read", self.log(daemon))

    def test_one_dead_name_is_an_error_of_its_own(self):
        self.names(a="127.0.0.1", b="127.0.0.1")
        server = self.serve()
        server.route("/", body=FEED)
        self.configure(feeds=[(n, "http://%s.test:%d/" % (n, server.port)) for n in ("a", "b", "gone")])
        daemon = self.start()
        server.wait_for(n=2)
        self.wait(lambda: "Feed 'gone' could not be read" in self.log(daemon), "the error", daemon)
        self.assertNotIn("Offline", self.log(daemon))

    def test_a_portal_changes_nothing(self):
        """Everything is redirected to one page: no error, and no address is believed."""
        self.names(a="127.0.0.1", b="127.0.0.1", portal="127.0.0.1")
        server = self.serve()
        login = "http://portal.test:%d/login" % server.port
        for path in ("/a", "/b"):
            server.redirect(path, login, status=301)
        server.route("/login", body="<html><title>Welcome to the hotel</title></html>", content_type="text/html")
        self.bus()
        self.configure(feeds=[(n, "http://%s.test:%d/%s" % (n, server.port, n)) for n in ("a", "b")])
        daemon = self.start()
        self.wait(lambda: "Offline: " in self.log(daemon), "offline", daemon)
        for path in ("/a", "/b"):
            server.route(path, body=FEED)
        # by hand it is tried at once, and that ends it
        self.wait(lambda: self.status()["running"], "the bus", daemon)
        server.forget()
        self.ctl("poll", "b")
        server.wait_for("/b")
        server.wait_for("/a")
        status = self.wait(lambda: all(f["last_success"] for f in self.status()["feeds"]) and self.status(),
                           "both feeds", daemon)
        self.assertEqual({f["failures"] for f in status["feeds"]}, {0})
        self.assertEqual(status["network"]["state"], "online")

    def test_s11_13_the_network_says_that_it_changed(self):
        """No way leads out: offline. An address comes, the kernel tells of it, and a probe follows without the minute."""
        def work():
            server = self.serve(host="0.0.0.0")
            server.route("/", body=FEED)
            self.configure(feeds=[("f%d" % i, "http://8.8.%d.8:%d/" % (i, server.port)) for i in range(3)])
            daemon = self.start()
            self.wait(lambda: "Offline: " in self.log(daemon), "offline", daemon)
            begin = time.monotonic()
            for i in range(3):
                subprocess.run(["ip", "addr", "add", "8.8.%d.8/32" % i, "dev", "lo"], check=True)
            request = server.wait_for(timeout=50)[0]
            self.assertGreater(request.time - begin, 15 - CLOCK_SLACK)      # what changes is left to settle
            self.assertLess(request.time - begin, 30 + DELAY)
            self.wait(lambda: "The network is back" in self.log(daemon), "online", daemon)
            self.stop(daemon)
            self.assertEqual({f["failures"] for f in self.status()["feeds"]}, {0})

        self.in_network_of_its_own(work)
