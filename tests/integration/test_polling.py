# SPDX-License-Identifier: MIT
"""What goes over the wire when picketd polls, and what comes back from servers that are broken or mean it ill: content
codings, bombs, HTTP/2, certificates, redirects, private addresses, and robots.txt.

Names carry the numbers of the list of good manners in docs/polling.md and of the Feed Reader Behavior project (frb).
"""

import gzip
import re
import signal
import subprocess
import time
import unittest

from faults import CODINGS, Authority, TlsServer, Trickle, brotli, raw_deflate, zstd, zstd_bomb
from harness import CLOCK_SLACK, FILLER, PLAIN_BUILD, Answer, PicketTest, Receiver, Server, item, page, rss

MIB = 1024 * 1024
TITLE = "KFOR and the bridge"
LEAD = "NATO wants to shrink KFOR."
# Beside what the transfer itself needs.
ALLOWED_HEADERS = {"host", "user-agent", "accept", "accept-encoding", "if-none-match", "if-modified-since"}


class Polling(PicketTest):
    def setUp(self):
        super().setUp()
        self.server, self.receiver = self.serve(spread=True), self.serve(Receiver)

    def feeds(self, **urls):
        self.configure(feeds=[(name, url, "full-text = never") for name, url in urls.items()], receiver=self.receiver.url("/hook"))

    def states(self):
        return {feed["name"]: feed for feed in self.ctl("feeds", "--json").json["feeds"]}

    def trouble(self, stderr, name):
        """What was said of the feed @name."""
        found = re.search("Feed '%s' could not be read: (.*)" % name, stderr)
        return found.group(1) if found else ""

    def titles(self):
        return sorted(r.json["story"]["title"] for r in self.receiver.seen())


class Wire(Polling):
    def check_request(self, request):
        self.assertEqual(request.method, "GET", "frb 050, 051")
        self.assertLessEqual(set(request.headers), ALLOWED_HEADERS, "frb 063, 064, 065")
        self.assertEqual(len(request.raw_headers), len(request.headers), "each but once")
        self.assertRegex(request.headers["user-agent"], r"\APicket/\d+\.\d+\.\d+ \(\+https://example\.org/picket\)\Z",
                         "frb 080 to 088")
        self.assertEqual(request.headers["accept-encoding"], "gzip, deflate, br, zstd", "frb 140")
        self.assertEqual(request.body, b"")

    def test_s11_19_frb_036_wire(self):
        """Every request, byte by byte: of feeds, of pages, of robots.txt; and adding a feed makes one."""
        cookie = {"Set-Cookie": "id=1; Path=/"}
        self.server.route("/feed", body=rss(item(TITLE, self.server.url("/story?b=2&a=1#part"), "1", LEAD)), etag='"1"', headers=cookie)
        self.server.route("/story", body=page("KFOR\n" + FILLER), content_type="text/html", headers=cookie)
        self.server.route("/robots.txt", Answer(404, headers=cookie))
        self.configure(feeds=[("paper", self.server.url("/feed?z=1&y=%2f"), "full-text = always")], receiver=self.receiver.url("/hook"))
        daemon = self.start()
        self.server.wait_for("/story")
        self.assertEqual([r.path for r in self.server.seen()], ["/feed?z=1&y=%2f", "/robots.txt", "/story?b=2&a=1"], "frb 062, 066")

        # adding a feed is one request, and none for the others
        self.server.route("/added", body=rss(item("Nothing", guid="1")), headers=cookie)
        self.configure(feeds=[("paper", self.server.url("/feed?z=1&y=%2f"), "full-text = always"), ("more", self.server.url("/added"))],
                       receiver=self.receiver.url("/hook"))
        daemon.send_signal(signal.SIGHUP)
        self.server.wait_for("/added")
        self.stop(daemon)
        self.once()
        self.assertEqual([len(self.server.seen(path)) for path in ("/feed", "/story", "/added")], [2, 1, 2])
        for request in self.server.seen():
            with self.subTest(request.path):
                self.check_request(request)
        self.assertEqual(self.server.seen("/feed")[1].headers["if-none-match"], '"1"')

    def test_long_addresses(self):
        """8,000 bytes are asked for as they are; what is over the limit is an error of the configuration."""
        path = "/long/" + "x" * 8000
        self.server.route(path, body=rss(item(TITLE, guid="1")))
        self.feeds(long=self.server.url(path))
        self.once()
        self.assertEqual(self.titles(), [TITLE])
        self.feeds(long=self.server.url(path + "x" * 1000))
        self.assertRegex(self.ctl("check", status=1).stderr, r":\d+: error: url: ")


class Codings(Polling):
    def test_frb_141_each_is_understood(self):
        """In each coding, in two at once, and in the forms that servers get wrong."""
        def feed(name):
            return rss(item("KFOR " + name, guid=name), extra="<!-- %s -->" % FILLER * 20).encode()
        bodies = {name: (name, pack(feed(name))) for name, pack in CODINGS.items()}
        bodies.update({
            "two": ("gzip, br", brotli(gzip.compress(feed("two")))),
            "bare": ("deflate", raw_deflate(feed("bare"))),
            "plain": ("gzip", feed("plain")),
            "plain-br": ("br", feed("plain-br")),
            "garbage": ("gzip", gzip.compress(feed("garbage")) + b"\r\n<!-- 0.1 s -->"),
            "members": ("gzip", gzip.compress(feed("members")[:500]) + gzip.compress(feed("members")[500:])),
            "frames": ("zstd", zstd(feed("frames")[:500]) + zstd(feed("frames")[500:])),
            "upper": ("X-GZIP", gzip.compress(feed("upper"))),
            "charset": ("UTF-8", feed("charset")),
        })
        for n, (name, (coding, body)) in enumerate(bodies.items()):
            self.server.route("/" + name, Answer(200, body, headers={"Content-Encoding": coding}, chunked=(0, 7)[n % 2]))
        self.feeds(**{name: self.server.url("/" + name) for name in bodies})
        result = self.once()
        self.assertEqual(self.titles(), sorted("KFOR " + name for name in bodies), result.stderr)

    def test_what_is_not_understood_is_said(self):
        body = rss(item(TITLE, guid="1")).encode()
        answers = {
            "six": (gzip.compress(body), "gzip, gzip, gzip, gzip, gzip, gzip", "more than 5 codings"),
            "unknown": (body, "sdch", "unknown coding 'sdch'"),
            "noise": (b"\x1f\x8b\x08noise and noise and noise", "gzip", "cannot be inflated"),
            "cut": (gzip.compress(body)[:-30], "gzip", "cut off"),
            "zstd": (b"no zstd", "zstd", "cannot be inflated"),
        }
        for name, (packed, coding, _) in answers.items():
            self.server.route("/" + name, Answer(200, packed, headers={"Content-Encoding": coding}))
        self.server.route("/transfer", Answer(fault="garbage", body=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"
                                                                    b"5\r\n\x1f\x8b\x08xx\r\n0\r\n\r\n"))
        self.server.route("/good", body=body)
        self.feeds(**{name: self.server.url("/" + name) for name in [*answers, "transfer", "good"]})
        stderr = self.once().stderr
        for name, (_, _, words) in answers.items():
            self.assertIn(words, self.trouble(stderr, name))
        self.assertIn("transfer coding that was not asked for", self.trouble(stderr, "transfer"))
        self.assertEqual(self.titles(), [TITLE])

    def test_s11_15_bombs(self):
        """They are stopped early: next to no memory, no time, and the cap is named."""
        self.server.route("/good", body=rss(item(TITLE, guid="1")))
        self.feeds(good=self.server.url("/good"))
        plain = self.run_measured("picketd", "--user", "-c", self.config, "--once")
        self.make_due()
        bombs = {
            "zeros": ("gzip", gzip.compress(bytes(20 * MIB))),
            "spaces": ("zstd", zstd_bomb(8192)),
            "twice": ("zstd, gzip", gzip.compress(zstd_bomb(80000))),
        }
        for name, (coding, body) in bombs.items():
            self.server.route("/" + name, Answer(200, body, headers={"Content-Encoding": coding}))
        self.feeds(good=self.server.url("/good"), **{name: self.server.url("/" + name) for name in bombs})
        result = self.run_measured("picketd", "--user", "-c", self.config, "--once")
        self.assertEqual(result.status, 0, str(result))
        for name in bombs:
            self.assertRegex(self.trouble(result.stderr, name), "more than 200-fold|no feed|not a feed")
        if PLAIN_BUILD:
            self.assertLess(result.peak_bytes - plain.peak_bytes, len(bombs) * 2 * MIB)
            self.assertLess(result.seconds, plain.seconds + 5)
        self.assertEqual(self.titles(), [TITLE])


class Broken(Polling):
    def tls(self, context, **fields):
        server = self.serve(TlsServer, context=context, **fields)
        server.route("/feed", body=rss(item("KFOR %d" % server.port, guid="1")))
        return server

    def test_frb_136_certificates(self):
        """Verified, each fault is named, and nobody falls back to http."""
        authority = Authority(self.folder)
        servers = {
            "good": self.tls(authority.issue("127.0.0.1")),
            "expired": self.tls(authority.issue("127.0.0.2", expired=True), host="127.0.0.2"),
            "wrong": self.tls(authority.issue("192.0.2.1"), host="127.0.0.3"),
            "own": self.tls(authority.issue("127.0.0.4", own=True), host="127.0.0.4"),
        }
        self.feeds(**{name: server.url("/feed") for name, server in servers.items()})
        stderr = self.once(env={"SSL_CERT_FILE": str(authority.file)}).stderr
        self.assertEqual(self.titles(), ["KFOR %d" % servers["good"].port], stderr)
        self.assertIn("expired", self.trouble(stderr, "expired"))
        self.assertRegex(self.trouble(stderr, "wrong"), "(?i)subject|does not match")
        self.assertIn("self", self.trouble(stderr, "own"))
        for name in ("expired", "wrong", "own"):
            self.assertEqual(servers[name].seen(), [])
        # without the authority nothing is trusted
        self.receiver.forget()
        self.assertIn("certificate", self.trouble(self.once().stderr, "good"))

    def test_broken_http2(self):
        """Asked once more by HTTP/1.1, and for that day not by HTTP/2 again."""
        authority = Authority(self.folder)
        servers = [self.tls(authority.issue("127.0.0.%d" % (n + 1), alpn=("h2", "http/1.1")), host="127.0.0.%d" % (n + 1), http2_fault=fault)
                   for n, fault in enumerate(("reset", "goaway"))]
        self.configure(feeds=[("f%d" % n, server.url("/feed"), "full-text = never") for n, server in enumerate(servers)],
                       receiver=self.receiver.url("/hook"), interval="1min")
        daemon = self.start(env={"SSL_CERT_FILE": str(authority.file)})
        self.receiver.wait_for(n=2)
        self.assertEqual([s.n_http2 for s in servers], [1, 1])
        self.assertEqual([len(s.seen("/feed")) for s in servers], [1, 1])
        # another feed of the same server: it is remembered
        for server in servers:
            server.route("/more", body=rss(item("KFOR more %d" % server.port, guid="2")))
        self.configure(feeds=[(name + str(n), server.url(path), "full-text = never") for n, server in enumerate(servers)
                              for name, path in (("f", "/feed"), ("more", "/more"))], receiver=self.receiver.url("/hook"), interval="1min")
        daemon.send_signal(signal.SIGHUP)
        self.receiver.wait_for(n=4)
        self.assertEqual([s.n_http2 for s in servers], [1, 1])
        self.stop(daemon)
        self.assertNotIn("could not be read", self.log(daemon))

    def test_s11_15_what_trickles_ends(self):
        """A byte a second, in the head or the body, ends at the limit for slow answers; others are on time."""
        slow = {
            "head": self.enterContext(Trickle(b"HTTP/1.1 200 OK\r\nX-Pad: ", b"x", 0.5)),
            "body": self.enterContext(Trickle(b"HTTP/1.1 200 OK\r\n\r\n<rss version='2.0'><channel>", b" ", 0.5)),
            "gzip": self.enterContext(Trickle(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08\0\0\0\0\0\0\3", b"\0\0\0\xff\xff", 0.5)),
            "chunks": self.enterContext(Trickle(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n", 0.5)),
        }
        self.server.route("/good", body=rss(item(TITLE, guid="1")))
        self.feeds(good=self.server.url("/good"), **{name: trickle.url for name, trickle in slow.items()})
        begin = time.monotonic()
        daemon = self.start()
        self.receiver.wait_for(n=1, timeout=5 if PLAIN_BUILD else 60)
        for name in slow:
            self.wait(lambda n=name: self.trouble(self.log(daemon), n), "the end of " + name, daemon)
        self.assertLess(time.monotonic() - begin, 45 if PLAIN_BUILD else 90)
        self.assertEqual([trickle.n_connections for trickle in slow.values()], [1] * len(slow), "not again in the same poll")
        self.stop(daemon)

    def test_lengths_and_chunks_that_lie(self):
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nETag: \"1\"\r\n"
        feed = {name: rss(item("KFOR " + name, guid=name)).encode() for name in ("long", "short", "both", "negative", "words", "huge", "two")}
        answers = {
            "long": b"Content-Length: 99999\r\n\r\n" + feed["long"],
            "negative": b"Content-Length: -5\r\n\r\n" + feed["negative"],
            "words": b"Transfer-Encoding: chunked\r\n\r\nnothing like a length\r\n" + feed["words"],
            "huge": b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n" + feed["huge"],
        }
        for name, answer in answers.items():
            self.server.route("/" + name, Answer(fault="garbage", body=head + answer))
        self.server.route("/good", body=rss(item(TITLE, guid="1")))
        self.feeds(good=self.server.url("/good"), **{name: self.server.url("/" + name) for name in answers})
        stderr = self.once().stderr
        for name in answers:
            self.assertNotEqual(self.trouble(stderr, name), "", name)
        self.once()
        for name in answers:
            self.assertNotIn("if-none-match", self.server.seen("/" + name)[1].headers, "of no whole answer")
        self.assertIn(TITLE, self.titles())

    def test_redirects_end(self):
        """A thousand, a circle, and places that are none of HTTP's: few requests, and each is named."""
        for n in range(1000):
            self.server.redirect("/step-%d" % n, self.server.url("/step-%d" % (n + 1)))
        self.server.route("/step-1000", body=rss(item(TITLE, guid="1")))
        self.server.redirect("/circle", self.server.url("/turn"))
        self.server.redirect("/turn", self.server.url("/circle"))
        targets = {"file": "file:///etc/passwd", "mail": "http://127.0.0.1:25/", "script": "javascript:alert(1)",
                   "password": "http://a:b@127.0.0.1/", "long": "/" + "x" * 9000}
        for name, target in targets.items():
            self.server.redirect("/" + name, target)
        self.feeds(thousand=self.server.url("/step-0"), circle=self.server.url("/circle"),
                   **{name: self.server.url("/" + name) for name in targets})
        stderr = self.once().stderr
        self.assertIn("too many redirects", self.trouble(stderr, "thousand"))
        self.assertIn("loop", self.trouble(stderr, "circle"))
        self.assertIn("another protocol", self.trouble(stderr, "mail"))
        for name in ("file", "script", "password", "long"):
            self.assertIn("no fetchable", self.trouble(stderr, name))
        self.assertEqual(len([r for r in self.server.seen() if r.path.startswith("/step-")]), 6)
        self.assertLessEqual(len(self.server.seen("/circle")) + len(self.server.seen("/turn")), 2)


class Guard(Polling):
    # Each range once, and each way to write one.
    PRIVATE = ["127.0.0.1", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "0.0.0.0", "10.0.0.1", "100.64.0.1", "169.254.169.254",
               "172.16.0.1", "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.51.100.1", "203.0.113.1",
               "224.0.0.1", "240.0.0.1", "255.255.255.255", "[::]", "[::1]", "[::ffff:127.0.0.1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]",
               "[64:ff9b:1::1]", "[2002:7f00:1::1]", "[2001::1]", "[2001:db8::1]", "[3fff::1]", "[fc00::1]", "[fe80::1]", "[ff02::1]",
               "[100::1]"]
    # One for each redirect, since one host is asked slowly; but what several hosts redirect to would be taken for a portal.
    PUBLIC = ["93.184.216.%d" % (max(n, 4) + 1) for n in range(len(PRIVATE))]

    def test_s11_14_private_addresses(self):
        """As a feed, behind a redirect, and as a page: refused before a connection is made, and said."""
        self.in_network_of_its_own(self.check_guard, *sorted(set(self.PUBLIC)))

    def check_guard(self):
        # The server listens everywhere, so that whatever gets through is seen.
        inside = self.serve(host="0.0.0.0")
        outside = self.serve(host="0.0.0.0")
        feeds = [("public", "http://%s:%d/public" % (self.PUBLIC[0], outside.port))]
        outside.route("/public", body=rss(*[item("KFOR %d" % n, "http://%s:%d/page-%d" % (address, inside.port, n), "p%d" % n)
                                            for n, address in enumerate(self.PRIVATE)]))
        for n, address in enumerate(self.PRIVATE):
            target = "http://%s:%d/inside" % (address, inside.port)
            outside.redirect("/redirect-%d" % n, target)
            feeds += [("direct-%d" % n, target + "?%d" % n), ("redirect-%d" % n, "http://%s:%d/redirect-%d" % (self.PUBLIC[n], outside.port, n))]
        self.configure(feeds=[(*feed, "full-text = always", "allow-private = no", "robots = no") for feed in feeds])
        daemon = self.start()
        for name, _ in feeds[1:]:
            said = self.wait(lambda n=name: self.trouble(self.log(daemon), n), name, daemon)
            self.assertRegex(said, "not public|no fetchable", name)
        self.wait(lambda: self.log(daemon).count("is not read: ") == len(self.PRIVATE), "the pages", daemon)
        self.stop(daemon)
        self.assertEqual(inside.seen(), [])
        self.assertEqual(len(re.findall("is not read: .*(?:not public|not an address)", self.log(daemon))), len(self.PRIVATE), self.log(daemon))

    def test_s11_14_a_connection_is_nobody_elses(self):
        """What one feed may reach stays closed to another, on whatever connection."""
        self.server.route("/one", body=rss(item("KFOR one", guid="1")))
        plain = self.serve()
        for name in ("a", "b"):
            plain.route("/" + name, body=rss(item("KFOR " + name, guid=name)))
        self.configure(feeds=[("a", plain.url("/a"), "full-text = never"), ("b", plain.url("/b"), "full-text = never", "allow-private = no")],
                       receiver=self.receiver.url("/hook"))
        stderr = self.once().stderr
        self.assertIn("not public", self.trouble(stderr, "b"))
        self.assertEqual([r.path for r in plain.seen()], ["/a"])

    def test_s11_14_redirect_within_what_is_allowed(self):
        """A feed that may lie inside may be redirected inside: the policy is the feed's."""
        other = self.serve(host="127.0.0.9")
        other.route("/feed", body=rss(item(TITLE, guid="1")))
        self.server.redirect("/feed", other.url("/feed"))
        self.feeds(inside=self.server.url("/feed"))
        self.once()
        self.assertEqual(self.titles(), [TITLE])


class Robots(Polling):
    def publish(self, *links, lines=("full-text = always",), title=TITLE):
        """A feed with a story for each link, at a server of its own."""
        feed = self.serve(host="127.0.0.200")
        feed.route("/feed", body=rss(*[item("%s %d" % (title, n), link, "%s %d" % (title, n), LEAD) for n, link in enumerate(links)]))
        self.configure(feeds=[("paper", feed.url("/feed"), *lines)], receiver=self.receiver.url("/hook"))

    def pages(self, *paths, host="127.0.0.1", robots=None):
        """A server with these pages and a robots.txt (an Answer or a text; None: it has none)."""
        server = self.serve(host=host)
        for path in paths:
            server.route(path, body=page("KFOR\n" + FILLER), content_type="text/html")
        if robots is not None:
            server.route("/robots.txt", robots if isinstance(robots, Answer) else Answer(200, robots, content_type="text/plain"))
        return server

    def asked(self, server):
        return [r.path for r in server.seen()]

    def reasons(self):
        return {a["story"]["title"]: (a["body"], a.get("body_reason")) for a in self.alerts()}

    def test_allowed_and_forbidden(self):
        server = self.pages("/news/a", "/private/b", robots="User-agent: *\nDisallow: /\n\nUser-agent: picket\nDisallow: /private\n")
        self.publish(server.url("/news/a"), server.url("/private/b"))
        stderr = self.once().stderr
        self.assertEqual(self.asked(server), ["/robots.txt", "/news/a"])
        self.assertEqual(self.titles(), [TITLE + " 0", TITLE + " 1"], "the alert does not wait for what is forbidden")
        self.assertIn("robots.txt does not allow it", stderr)
        self.assertEqual(self.reasons()[TITLE + " 0"][0], "page")
        body, reason = self.reasons()[TITLE + " 1"]
        self.assertEqual((body, reason), ("failed", "robots.txt does not allow it"))
        # final
        self.once()
        self.assertEqual(self.asked(server), ["/robots.txt", "/news/a"])

    def test_asked_once_for_all_pages(self):
        """One request at a time, robots.txt first, and once for all pages of a server."""
        server = self.pages("/a", "/b", "/c")
        self.publish(*[server.url(path) for path in ("/a", "/b", "/c")])
        daemon = self.start()
        server.wait_for(n=4)
        self.stop(daemon)
        self.assertEqual(self.asked(server)[0], "/robots.txt")
        self.assertEqual(sorted(self.asked(server)[1:]), ["/a", "/b", "/c"])
        self.assertEqual(server.n_active_max, 1)
        times = [r.time for r in server.seen()]
        self.assertGreater(min(b - a for a, b in zip(times, times[1:])), 2 - CLOCK_SLACK)

    def test_crawl_delay(self):
        server = self.pages("/a", "/b", robots="User-agent: *\nCrawl-delay: 6\n")
        self.publish(server.url("/a"), server.url("/b"))
        daemon = self.start()
        server.wait_for(n=3)
        self.stop(daemon)
        first, second = [r.time for r in server.seen() if r.path != "/robots.txt"]
        self.assertGreaterEqual(second - first, 5.9)

    def test_unreadable_is_passing(self):
        """5xx and 429 forbid all for now; the alert goes out, and the page is read when they are over."""
        for status in (503, 429):
            with self.subTest(status):
                self.receiver.forget()
                host = "127.0.0.%d" % (status % 100 + 50)
                server = self.pages("/a", host=host, robots=Answer(status))
                self.publish(server.url("/a"), title="KFOR %d" % status)
                self.once()
                self.assertEqual(self.asked(server), ["/robots.txt"])
                self.assertEqual(self.titles(), ["KFOR %d 0" % status])
                self.assertIn("robots.txt could not be read: HTTP status %d" % status, self.receiver.seen()[0].json["reason"])
                server.route("/robots.txt", Answer(404))
                self.once()
                self.assertEqual(self.asked(server)[1:], ["/robots.txt", "/a"])

    def test_redirects_are_judged(self):
        """To a forbidden place of the same server, and to another server, whose file is read first."""
        other = self.pages("/open/c", "/closed/d", host="127.0.0.2", robots="User-agent: *\nDisallow: /closed\n")
        server = self.pages("/x", robots="User-agent: *\nDisallow: /closed\n")
        server.redirect("/a", "/closed/a")
        server.redirect("/b", "/x")
        server.redirect("/c", other.url("/open/c"))
        server.redirect("/d", other.url("/closed/d"))
        self.publish(*[server.url(path) for path in ("/a", "/b", "/c", "/d")])
        self.once()
        self.assertNotIn("/closed/a", self.asked(server))
        self.assertIn("/x", self.asked(server))
        self.assertEqual(self.asked(other), ["/robots.txt", "/open/c"])
        reasons = self.reasons()
        self.assertEqual([reasons["%s %d" % (TITLE, n)][0] for n in range(4)], ["failed", "page", "page", "failed"])

    def test_not_obeyed_where_told_so(self):
        server = self.pages("/a", robots="User-agent: *\nDisallow: /\n")
        self.publish(server.url("/a"), lines=("full-text = always", "robots = no"))
        self.once()
        self.assertEqual(self.asked(server), ["/a"])

    def test_hostile_files(self):
        """Endless, an HTML page, a redirect in circles, nothing at all: the page is read, or said why not."""
        server = self.pages("/a", robots=Answer(200, "User-agent: *\nDisallow: /b\n# " + "x" * 1000, fault="endless"))
        html = self.pages("/a", host="127.0.0.2", robots=page("Not found: User-agent: * Disallow: /"))
        circle = self.pages("/a", host="127.0.0.3", robots=Answer(302, headers={"Location": "/robots.txt"}))
        broken = self.pages("/a", host="127.0.0.4", robots=Answer(fault="reset"))
        self.publish(*[s.url("/a") for s in (server, html, circle, broken)])
        self.once()
        reasons = self.reasons()
        self.assertEqual([reasons["%s %d" % (TITLE, n)][0] for n in range(4)], ["page", "page", "page", "failed"])
        self.assertIn("robots.txt could not be read", reasons[TITLE + " 3"][1])


if __name__ == "__main__":
    unittest.main()
