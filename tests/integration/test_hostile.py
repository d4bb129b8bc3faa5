# SPDX-License-Identifier: MIT
"""Bad input from everywhere: feeds, pages, webhooks, the disk, the clock, the administrator.

Whatever is thrown at Picket, four things hold: a message names the culprit and what is wrong with it, what is healthy in
the same run works as if nothing were, time and memory stay bounded, and what comes when the fault is gone arrives, once."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import threading
import time
import unittest
import zlib

from harness import FILLER, PLAIN_BUILD, WRAPPER, Answer, PicketTest, Receiver, item, page, rss, unshare

MIB = 1024 * 1024
# Far above what a run takes (some 30 MiB), far below what the attacks would make of it.
PEAK_BYTES_MAX = 200 * MIB
# picketd --once promises it.
ONCE_SECONDS_MAX = 45
# Nothing here should come near it; only what hangs may take its whole time.
QUICK_SECONDS_MAX = 20
CLONE_NEWNS = 0x00020000
# An address of the public Internet that has no meaning to anybody but its owner: only ever used in a network of our own.
PUBLIC = "8.8.8.8"
YEAR_USEC = 365 * 86400 * 1000000

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89" + bytes(range(256)) * 4


def gzip_of(piece, n):
    """@piece @n times over, compressed without ever being whole."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(piece) for _ in range(n)) + packer.flush()


class Hostile(PicketTest):
    def setUp(self):
        super().setUp()
        self.server, self.receiver = self.serve(spread=True), self.serve(Receiver)
        self.n_good = 0

    # --- what is asserted of every run ---

    def publish_good(self):
        """A healthy feed with one more story."""
        self.n_good += 1
        self.server.route("/good", body=rss(*[item("KFOR good news %d" % n, self.server.url("/g%d" % n), "g%d" % n)
                                              for n in range(self.n_good)]))

    def run_once(self, seconds=QUICK_SECONDS_MAX, status=0, due=True, **fields):
        if due:
            self.make_due()
        result = self.run_measured("picketd", "--user", "-c", self.config, "--once", **fields)
        self.assertEqual(result.status, status, str(result))
        if PLAIN_BUILD:
            self.assertLess(result.peak_bytes, PEAK_BYTES_MAX)
            self.assertLess(result.seconds, seconds, str(result))
        return result

    def parse(self, body, *arguments, status=0):
        result = self.run_measured("picketctl", "parse", *arguments, "-", stdin=body)
        self.assertEqual(result.status, status, str(result))
        if PLAIN_BUILD:
            self.assertLess(result.peak_bytes, PEAK_BYTES_MAX)
            self.assertLess(result.seconds, QUICK_SECONDS_MAX)
        return result

    def feed_states(self):
        return {f["name"]: f for f in self.ctl("status", "--json").json["feeds"]}

    def assert_posted(self, *titles):
        """Exactly these stories arrived, each once."""
        self.assertEqual([t for _, t in self.posted(self.receiver)], sorted(titles))

    def good_titles(self):
        return ["KFOR good news %d" % n for n in range(self.n_good)]

    def configure_feeds(self, names, *lines, **fields):
        """The healthy feed, and @names at paths of their names; pages are not read."""
        self.configure(feeds=[("good", self.server.url("/good"), "full-text = never")] +
                       [(n, self.server.url("/" + n), "full-text = never", *lines) for n in names],
                       receiver=self.receiver.url("/hook"), **fields)

    def hold_out(self, cases, seconds=QUICK_SECONDS_MAX):
        """@cases: feed name -> (Answer, what its error says, titles that alert all the same). They fail side by side,
        then they are mended."""
        for name, (answer, *_) in cases.items():
            self.server.route("/" + name, [answer])
        self.configure_feeds(cases)
        self.publish_good()
        result = self.run_once(seconds)

        early = [t for _, _, *titles in cases.values() for t in titles]
        self.assert_posted(*self.good_titles(), *early)
        states = self.feed_states()
        self.assertEqual((states["good"]["state"], states["good"]["error"]), ("ok", None))
        for name, (_, error, *_) in cases.items():
            with self.subTest(feed=name):
                self.assertEqual(states[name]["state"], "trouble", states[name])
                self.assertRegex(states[name]["error"], error)
                self.assertRegex(result.stderr, "(?m)Feed '%s' could not be read: .*%s" % (name, error))

        # once it is told; that it goes on is not
        self.publish_good()
        result = self.run_once(seconds)
        self.assertNotIn("could not be read", result.stderr)

        late = []
        for name, (_, _, *titles) in cases.items():
            fresh = ["KFOR after %s" % name]
            self.server.route("/" + name, body=rss(*[item(t, self.server.url("/%s/%s" % (name, t.replace(" ", "-"))), t)
                                                     for t in titles + fresh]))
            late += fresh
        result = self.run_once()
        self.assert_posted(*self.good_titles(), *early, *late)
        for name, feed in self.feed_states().items():
            self.assertEqual((feed["state"], feed["error"]), ("ok", None), name)
            if name != "good":
                self.assertIn("Feed '%s' can be read again" % name, result.stderr)

    def feed_item(self, feed, title):
        """An item as hold_out() will publish it again."""
        return item(title, self.server.url("/%s/%s" % (feed, title.replace(" ", "-"))), title)


class Feeds(Hostile):
    NO_FEEDS = {
        "html": (b"<!DOCTYPE html>\n<html><head><title>503 sorry</title></head><body>KFOR<p></body></html>", "an HTML page, not a feed"),
        "bare-html": (b"<HTML><body>We are <b>moving<br> KFOR</html>", "an HTML page, not a feed"),
        "json": (b'{"error": {"code": 17, "message": "KFOR <rss> not found"}}', "a JSON document, not a feed"),
        "png": (PNG, "a PNG image, not a feed"),
        "zero": (b"", "an empty document, not a feed"),
        "blank": (b" \r\n\t" * 1000, "an empty document, not a feed"),
        "text": (b"Service unavailable. KFOR.\n", "plain text, not a feed"),
        "svg": (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><title>KFOR</title></svg>', "XML document with the root <svg>, not a feed"),
        "nulls": (b"\0" * 100000, "not a feed"),
        "noise": (bytes((i * i * 7 + 13 * i) % 251 for i in range(100000)), "not a feed"),
    }

    def test_no_feed(self):
        self.hold_out({name: (Answer(200, body, content_type="application/rss+xml"), error)
                       for name, (body, error) in self.NO_FEEDS.items()})

    def test_no_feed_by_hand(self):
        for name, (body, error) in self.NO_FEEDS.items():
            with self.subTest(name):
                result = self.parse(body, status=3)
                self.assertEqual(result.stdout, "")
                self.assertRegex(result.stderr, "picketctl: 'standard input' is .*" + error)

    def cut_feed(self, name):
        """Half a feed: one item whole, the next begun."""
        body = rss(self.feed_item(name, "KFOR early %s" % name), self.feed_item(name, "KFOR after %s" % name))
        return body[:body.index("KFOR after") + 8]

    def test_cut_off(self):
        """By the transport, so that the poll fails: what is complete counts, the rest comes next time, and nothing twice."""
        cut = self.cut_feed
        raw = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nETag: \"x\"\r\n"
        self.hold_out({
            "short": (Answer(fault="garbage", body=raw + b"Content-Length: 99999\r\n\r\n" + cut("short").encode()), "127[.]", "KFOR early short"),
            "chunk": (Answer(fault="garbage", body=raw + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n" % (len(cut("chunk")), cut("chunk").encode())),
                      "127[.]", "KFOR early chunk"),
            "gzip": (Answer(fault="garbage", body=raw + b"Content-Encoding: gzip\r\nContent-Length: 99999\r\n\r\n" + gzip_of(cut("gzip").encode(), 1)),
                     "127[.]", "KFOR early gzip"),
        })
        for name in ("short", "chunk", "gzip"):
            self.assertNotIn("if-none-match", self.server.seen("/" + name)[1].headers, "no validator of what was not read to its end")

    def test_cut_off_unnoticed(self):
        """By nothing the transport could tell: the body ends with the connection. Its validators must not keep the rest away."""
        name = "close"
        raw = b"HTTP/1.0 200 OK\r\nContent-Type: application/rss+xml\r\nETag: \"1\"\r\nLast-Modified: Fri, 20 Feb 2026 06:30:00 GMT\r\n\r\n"
        whole = [self.feed_item(name, "KFOR early %s" % name), self.feed_item(name, "KFOR after %s" % name)]
        self.configure_feeds([name])
        self.publish_good()
        self.server.route("/" + name, [Answer(fault="garbage", body=raw + self.cut_feed(name).encode()),
                                       Answer(200, rss(*whole), etag='"1"', last_modified="Fri, 20 Feb 2026 06:30:00 GMT")])
        result = self.run_once()
        self.assert_posted("KFOR early close", *self.good_titles())
        self.assertRegex(result.stderr, "Feed 'close' .*cut off")
        self.run_once()
        self.assert_posted("KFOR early close", "KFOR after close", *self.good_titles())
        self.run_once()
        self.assertIn("if-none-match", self.server.seen("/" + name)[2].headers)

    def test_lies_about_encoding(self):
        """The bytes are believed: no letter is lost, and the repair is told."""
        def lie(declared, title, encoding, mark=b""):
            body = rss(item(title, self.server.url("/l/%s-%s" % (declared, encoding)), "g")).replace("UTF-8", declared)
            return mark + body.encode(encoding)
        bodies = {
            "windows": (lie("utf-8", "KFOR “Café” déjà vu", "windows-1252"), "KFOR “Café” déjà vu"),
            "sixteen": (lie("utf-16", "KFOR у Косову", "utf-8"), "KFOR у Косову"),
            "unknown": (lie("x-nobody-knows", "KFOR Türkiye", "utf-8"), "KFOR Türkiye"),
            "latin": (lie("iso-8859-1", "KFOR München – Zürich", "utf-8", b"\xef\xbb\xbf"), "KFOR München – Zürich"),
            "other": (lie("utf-8", "KFOR İstanbul", "utf-16"), "KFOR İstanbul"),
        }
        self.configure_feeds(bodies)
        self.publish_good()
        for name, (body, _) in bodies.items():
            self.server.route("/" + name, body=body, content_type="application/xml")
        result = self.run_once()
        self.assert_posted(*self.good_titles(), *[t for _, t in bodies.values()])
        for name in ("windows", "sixteen", "unknown"):
            self.assertRegex(result.stderr, "Feed '%s' was read with \\d+ repairs" % name)
            self.assertNotEqual(self.parse(bodies[name][0]).json["warnings"], [], name)
        self.run_once()
        self.assertEqual(len(self.receiver.seen()), 1 + len(bodies))

    def survive(self, bodies, n_runs=2):
        """@bodies: feed -> (body or Answer, titles that alert). Odd, but feeds: what is readable in them is read, once."""
        for name, (body, *_) in bodies.items():
            self.server.route("/" + name, [body if isinstance(body, Answer) else Answer(200, body, content_type="application/xml")])
        self.configure_feeds(bodies)
        for _ in range(n_runs):
            self.publish_good()
            result = self.run_once()
            self.assert_posted(*self.good_titles(), *[t for _, *titles in bodies.values() for t in titles])
        return result

    def test_deep_nesting(self):
        deep, end = "<b>" * 100000, "</b>" * 100000
        one, two = (item("KFOR %s" % n, self.server.url("/" + n), n) for n in ("before", "behind"))
        body = rss(one, deep + "KFOR" + end, two)
        self.survive({
            "between": (body, "KFOR before", "KFOR behind"),
            "inside": (rss(item("KFOR inside", self.server.url("/i"), "i").replace("<title>", "<description>%sx%s</description><title>" % (deep, end))),
                       "KFOR inside"),
            "attributes": (rss(item("KFOR attributes", self.server.url("/a"), "a"), "<x %s/>" % " ".join("a%d='%d'" % (i, i) for i in range(100000))),
                           "KFOR attributes"),
            "unclosed": (rss(item("KFOR unclosed", self.server.url("/u"), "u"), deep), "KFOR unclosed"),
        })
        parsed = self.parse(body.encode()).json
        self.assertEqual([i["title"] for i in parsed["items"]], ["KFOR before", "KFOR behind"])
        self.assertNotEqual(parsed["warnings"], [])

    def bombs(self):
        laughs = '<!ENTITY l0 "KFOR">' + "".join('<!ENTITY l%d "%s">' % (n, "&l%d;" % (n - 1) * 10) for n in range(1, 13))
        external = self.server.url("/stolen")
        doctypes = {
            "laughs": (laughs, "&l12;"),
            "quadratic": ('<!ENTITY q "%s">' % ("KFOR " * 10000), "&q;" * 20000),
            "external": ('<!ENTITY x SYSTEM "%s">' % external, "&x;"),
            "passwd": ('<!ENTITY x SYSTEM "file:///etc/passwd">', "&x;"),
            "parameter": ('<!ENTITY %% p SYSTEM "%s"> %%p;' % external, "&p;"),
            "loop": ('<!ENTITY a "&b;"><!ENTITY b "&a;">', "&a;"),
        }
        bodies = {}
        for name, (declarations, use) in doctypes.items():
            body = rss(item("KFOR %s" % name, self.server.url("/b/" + name), name).replace("<title>", "<description>%s</description><title>" % use))
            bodies[name] = body.replace("\n", '\n<!DOCTYPE rss [%s]>\n' % declarations, 1)
        bodies["subset"] = rss(item("KFOR subset", self.server.url("/b/s"), "subset")).replace("\n", '\n<!DOCTYPE rss SYSTEM "%s">\n' % external, 1)
        bodies["include"] = rss(item("KFOR include", self.server.url("/b/i"), "include"),
                                '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>')
        return bodies

    def test_entity_bombs(self):
        bodies = self.bombs()
        self.survive({name: (body, "KFOR " + name) for name, body in bodies.items()})
        self.assertEqual(self.server.seen("/stolen"), [], "nothing that a feed names is fetched")
        for request in self.receiver.seen():
            self.assertNotIn(b"root:", request.body)
            self.assertLess(len(request.body), 64 * 1024)
        for name, body in bodies.items():
            with self.subTest(name):
                result = self.parse(body.encode())
                self.assertNotIn("root:", result.stdout)
                self.assertEqual([i["title"] for i in result.json["items"]], ["KFOR " + name])
        self.assertEqual(self.server.seen("/stolen"), [])

    def test_too_long(self):
        """Bodies without end: reading stops at 16 MiB, counted in inflated bytes."""
        start = rss(self.feed_item("endless", "KFOR early endless")).partition("</channel>")[0]
        blob = "<x>%s</x>" % ("lorem ipsum " * 5000)

        def chunked(name):
            return start.replace("endless", name)
        raw = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n"
        bomb = chunked("bomb").encode() + blob.encode() * 10
        self.hold_out({
            "endless": (Answer(200, rss(self.feed_item("endless", "KFOR early endless")).partition("</channel>")[0] + blob, fault="endless",
                               content_type="application/rss+xml"), "longer than 16", "KFOR early endless"),
            "gigabyte": (Answer(200, (chunked("gigabyte") + blob).encode(), chunked=65536, repeat=MIB * 1024 // 65536,
                                content_type="application/rss+xml"), "longer than 16", "KFOR early gigabyte"),
            "declared": (Answer(fault="garbage", body=raw + b"Content-Length: 1099511627776\r\n\r\n" + chunked("declared").encode()), "127[.]",
                         "KFOR early declared"),
            "bomb": (Answer(200, gzip_of(bomb, 800), headers={"Content-Encoding": "gzip"}, content_type="application/rss+xml"), "longer than 16",
                     "KFOR early bomb"),
            "zeros": (Answer(200, gzip_of(b" " * MIB, 256), headers={"Content-Encoding": "gzip"}), "not a feed|over the limit"),
            "head": (Answer(fault="garbage", body=raw + b"X-Pad: " + b"p" * MIB + b"\r\n\r\n"), "head of the answer is (too long|over)"),
            "heads": (Answer(fault="garbage", body=raw + b"X-Pad: p\r\n" * 100000 + b"\r\n"), "head of the answer is (too long|over)"),
        }, seconds=ONCE_SECONDS_MAX)

    def test_broken_servers(self):
        loop = self.server.url("/loop-1")
        self.server.redirect("/loop-1", self.server.url("/loop-2"))
        self.server.redirect("/loop-2", loop)
        for n in range(40):
            self.server.redirect("/long-%d" % n, self.server.url("/long-%d" % (n + 1)))
        self.server.route("/long-40", body=rss(item("KFOR far away", self.server.url("/far"), "far")))
        there = {"Location": loop}
        self.hold_out({
            "reset": (Answer(fault="reset"), "127[.]"),
            "reset-head": (Answer(fault="reset-head"), "127[.]"),
            "reset-body": (Answer(200, rss(self.feed_item("reset-body", "KFOR early reset-body"), "<!-- %s -->" % ("x" * 9000)), fault="reset-body"),
                           "127[.]", "KFOR early reset-body"),
            "garbage": (Answer(fault="garbage", body=b"SSH-2.0-OpenSSH_9.2p1\r\n"), "127[.]"),
            "five-hundred": (Answer(500, rss(item("KFOR never", self.server.url("/n"), "n"))), "HTTP status 500"),
            "gone": (Answer(410, b"gone"), "HTTP status 410"),
            "lost": (Answer(404, rss(item("KFOR never", self.server.url("/n"), "n"))), "HTTP status 404"),
            "no-content": (Answer(204), "HTTP status 204"),
            "loop": (Answer(302, headers=there), "[Rr]edirect"),
            "self": (Answer(301, headers={"Location": "/self"}), "[Rr]edirect"),
            "long": (Answer(307, headers={"Location": "/long-0"}), "[Rr]edirect"),
            "file": (Answer(302, headers={"Location": "file:///etc/passwd"}), "file|redirect"),
            "gopher": (Answer(302, headers={"Location": "gopher://127.0.0.1:25/_HELO"}), "gopher|redirect"),
            "nowhere": (Answer(302), "HTTP status 302"),
            "inflate": (Answer(200, b"this is no gzip", headers={"Content-Encoding": "gzip"}), "127[.]"),
        })
        self.assertLess(len(self.server.seen("/loop-1")), 25)
        self.assertEqual(self.server.seen("/long-40"), [])

    def test_nobody_there(self):
        dead = self.serve()
        url = dead.url("/x")
        dead.stop()
        self.configure(feeds=[("good", self.server.url("/good"), "full-text = never"), ("refused", url),
                              ("unknown", "http://no-such-host.invalid/feed")], receiver=self.receiver.url("/hook"))
        self.publish_good()
        result = self.run_once(ONCE_SECONDS_MAX)
        self.assert_posted(*self.good_titles())
        states = self.feed_states()
        for name, words in (("refused", "127.0.0.1"), ("unknown", "no-such-host.invalid")):
            self.assertEqual(states[name]["state"], "trouble")
            self.assertIn(words, states[name]["error"])
            self.assertIn("Feed '%s' could not be read" % name, result.stderr)

    def test_private_address(self):
        """The guard: loopback is refused unless allowed, by name or number, and nothing is sent there."""
        port, secret = self.server.port, self.serve()
        self.server.redirect("/inwards", secret.url("/admin"))
        self.configure(feeds=[("good", self.server.url("/good"), "full-text = never"),
                              *[(name, url % port, "allow-private = no", "full-text = never") for name, url in (
                                  ("number", "http://127.0.0.1:%d/number"), ("name", "http://localhost:%d/name"), ("decimal", "http://2130706433:%d/decimal"),
                                  ("six", "http://[::1]:%d/six"), ("mapped", "http://[::ffff:127.0.0.1]:%d/mapped"), ("zero", "http://0.0.0.0:%d/zero"))]],
                       receiver=self.receiver.url("/hook"))
        self.publish_good()
        result = self.run_once()
        self.assert_posted(*self.good_titles())
        states = self.feed_states()
        for name in ("number", "name", "decimal", "six", "mapped", "zero"):
            with self.subTest(name):
                self.assertEqual(states[name]["state"], "trouble", states[name])
                self.assertRegex(states[name]["error"], "not public.*allow-private")
                self.assertRegex(result.stderr, "Feed '%s' could not be read: .*allow-private" % name)
                self.assertEqual(self.server.seen("/" + name), [])

    def test_redirect_inwards(self):
        """A public server sends us to a private one: by the feed's redirect, an item's link, a page's redirect."""
        def work():
            public, private, receiver = self.serve(host=PUBLIC), self.serve(), self.serve(Receiver)
            titles = ["KFOR and a private link", "KFOR and a page that leads inwards", "KFOR and a name"]
            private.route("/admin", body=page("KFOR secret. NATO Mission Iraq. " * 50), content_type="text/html")
            public.route("/feed", body=rss(item(titles[0], private.url("/admin"), "1"), item(titles[1], public.url("/page"), "2"),
                                           item(titles[2], "http://localhost:%d/admin" % private.port, "3")))
            public.redirect("/page", private.url("/admin"))
            for status in (301, 302, 307):
                public.redirect("/%d" % status, private.url("/admin"), status)
            self.configure(feeds=[("paper", public.url("/feed"), "full-text = always", "allow-private = no"),
                                  *[("moved-%d" % n, public.url("/%d" % n), "allow-private = no") for n in (301, 302, 307)]],
                           receiver=receiver.url("/hook"))
            self.run_once()
            self.assertEqual(self.posted(receiver), sorted(("kfor", t) for t in titles))
            self.assertEqual(private.seen(), [], "what is private was asked")
            states = self.feed_states()
            self.assertEqual(states["paper"]["state"], "ok")
            for n in (301, 302, 307):
                self.assertRegex(states["moved-%d" % n]["error"], "not public.*allow-private.*%s" % re.escape(private.url("/admin")))
            for alert in self.alerts():
                self.assertEqual(alert["body"], "failed", alert)
                self.assertRegex(alert["body_reason"], "not public.*allow-private")

        self.in_network_of_its_own(work, PUBLIC)

    def test_pages_elsewhere(self):
        """A page that leads out of the web is not read."""
        self.server.route("/feed", body=rss(item("KFOR and a page", self.server.url("/admin"), "1")))
        self.configure(feeds=[("good", self.server.url("/good"), "full-text = never"), ("paper", self.server.url("/feed"), "full-text = always")],
                       receiver=self.receiver.url("/hook"))
        self.publish_good()
        self.server.redirect("/admin", "file:///etc/passwd")
        self.run_once()
        self.assert_posted("KFOR and a page", *self.good_titles())
        post = next(r for r in self.receiver.seen() if r.json["story"]["title"] == "KFOR and a page")
        self.assertNotIn(b"root:", post.body)

    def test_two_feeds_one_address(self):
        """Not forbidden (they may have profiles of their own); a story is told once."""
        self.server.route("/same", body=rss(item("KFOR twice", self.server.url("/t"), "t")), etag='"1"')
        self.configure(feeds=[("one", self.server.url("/same"), "full-text = never"), ("two", self.server.url("/same"), "full-text = never")],
                       receiver=self.receiver.url("/hook"))
        check = self.ctl("check", status=None)
        self.assertEqual(check.status, 0, str(check))
        for _ in range(2):
            self.run_once()
            self.assert_posted("KFOR twice")
        self.assertEqual({n: f["state"] for n, f in self.feed_states().items()}, {"one": "ok", "two": "ok"})

    def test_excess(self):
        """Feeds that are right but for their measure: what fits is taken."""
        def with_item(name, extra="", **fields):
            return rss(item("KFOR " + name, self.server.url("/e/" + name), name, **fields), extra)
        million = "x" * MIB
        bodies = {
            "summary": (with_item("summary", summary=million * 3 + " KFOR"), "KFOR summary"),
            "guid": (rss(item("KFOR guid", self.server.url("/e/g"), million)), "KFOR guid"),
            "link": (rss(item("KFOR link", self.server.url("/" + million), "l")), "KFOR link"),
            "hyphens": (with_item("hyphens", summary="a-" * 200000 + " Kosovo" * 20000), "KFOR hyphens"),
            "entities": (with_item("entities").replace("</guid>", "</guid><description>%s</description>" % ("&amp;lt;&#0;&#xD800;&#x110000;" * 30000)),
                         "KFOR entities"),
            "comment": (with_item("comment", "<!--" + "-" * 8 * MIB + "-->"), "KFOR comment"),
            "cdata": (with_item("cdata", "<x><![CDATA[" + "]" * 8 * MIB + "]]></x>"), "KFOR cdata"),
            "names": (with_item("names", "".join("<n%d xmlns:p%d='http://x/%d'/>" % (n, n, n) for n in range(100000))), "KFOR names"),
            "categories": (with_item("categories").replace("</guid>", "</guid>" + "<category>c</category><author>a</author>" * 50000), "KFOR categories"),
            "headers": (Answer(200, with_item("headers"), headers={"ETag": '"\x01\x1b[31m"', "Retry-After": "9" * 30, "Cache-Control": "max-age=" + "9" * 30,
                                                                    "Last-Modified": "x" * 9000, "Set-Cookie": ["a%d=b" % n for n in range(1000)]}), "KFOR headers"),
            "chunks": (Answer(200, with_item("chunks", summary="y" * 20000), chunked=1), "KFOR chunks"),
        }
        self.survive(bodies)
        states = self.feed_states()
        self.assertEqual({n: f["error"] for n, f in states.items() if f["error"]}, {})
        for request in self.receiver.seen():
            self.assertLess(len(request.body), 64 * 1024)
        # no server keeps us away for longer than a week
        self.assertLess(states["headers"]["next_poll"], time.strftime("%Y-%m-%d", time.gmtime(time.time() + 10 * 86400)))

    @unittest.skipIf(WRAPPER, "volume, which Valgrind makes a matter of minutes; run plain and under sanitizers")
    def test_many_items(self):
        """60,000 items: 50,000 of them are read, and those of the next poll are known."""
        body = rss(*["<item><title>Weather report number %d</title><guid>%d</guid></item>" % (n, n) for n in range(60000)])
        self.survive({"many": (body,)})
        self.assertEqual(self.feed_states()["many"]["items"], 50000)
        self.assertEqual(self.database().execute("SELECT count(*) FROM items").fetchone()[0], 50000 + self.n_good)

    def test_keys_that_tell_nothing(self):
        """One guid or one link for all items, and titles of two words: each is news once."""
        def numbered(make):
            return rss(*[make(n) for n in range(30)])
        same = self.server.url("/news/all.html")
        self.survive({name: (numbered(make), *["KFOR %s %d" % (name, n) for n in range(30)]) for name, make in {
            "guid": lambda n: item("KFOR guid %d" % n, None, "1"),
            "root": lambda n: item("KFOR root %d" % n, "https://example.org/", "1"),
            "link": lambda n: item("KFOR link %d" % n, same),
            "both": lambda n: item("KFOR both %d" % n, same + "?x", "1"),
            "none": lambda n: item("KFOR none %d" % n),
        }.items()}, n_runs=3)

    def test_hostile_text(self):
        """Escape sequences, bidi and format strings of a feed reach neither the log nor a terminal."""
        title = "KFOR \x9b31m%s%n%1$s \u202eevil \u2028 <script>alert(1)</script>"
        self.server.route("/odd", body=rss(item(title, self.server.url("/o"), "o")).replace("31m", "&#27;[31m&#7;"))
        self.configure_feeds(["odd"])
        self.publish_good()
        result = self.run_once()
        for text in (result.stderr, self.ctl("alerts").stdout):
            self.assertNotRegex(text, "[\x00-\x08\x0b-\x1f\x7f\x80-\x9f]")
        self.assertEqual(len(self.alerts()), 1 + self.n_good)


class Pages(Hostile):
    LEAD = "KFOR and its page"

    def run_with_page(self, answer, seconds=QUICK_SECONDS_MAX, path="/page"):
        self.server.route(path, [answer])
        self.server.route("/feed", body=rss(item(self.LEAD, self.server.url(path), "1")))
        self.configure(feeds=[("good", self.server.url("/good"), "full-text = never"), ("paper", self.server.url("/feed"), "full-text = always")],
                       receiver=self.receiver.url("/hook"))
        self.publish_good()
        self.run_once(seconds)
        self.assert_posted(self.LEAD, *self.good_titles())
        return next(a for a in self.alerts() if a["story"]["title"] == self.LEAD)

    def test_fifty_megabytes(self):
        body = page(FILLER * 300)
        alert = self.run_with_page(Answer(200, body, repeat=50 * MIB // len(body) + 1, content_type="text/html"))
        self.assertIn(alert["body"], ("page", "failed"))

    def test_endless(self):
        self.run_with_page(Answer(200, "<p>%s" % FILLER, fault="endless", content_type="text/html"))

    def test_bomb(self):
        self.run_with_page(Answer(200, gzip_of(b"<p>KFOR " * 4096, 8192), headers={"Content-Encoding": "gzip"}, content_type="text/html"))

    def test_deep(self):
        self.run_with_page(Answer(200, "<html><body>" + "<div>" * 300000 + "KFOR", content_type="text/html"))

    def test_unclosed(self):
        self.run_with_page(Answer(200, "<html><body>" + "<b><i><a href=x><table><tr><td>" * 20000 + "KFOR", content_type="text/html"))

    def test_no_page(self):
        for n, (body, content_type) in enumerate(((PNG, "image/png"), (PNG, "text/html"), (b"", "text/html"), (b"\0" * 100000, "text/html"),
                                                  (b'{"a": 1}', "application/json"), (b"\xff\xfe" + b"\xd8\x00" * 1000, "text/html; charset=utf-16"))):
            with self.subTest(n):
                self.LEAD = "KFOR and its page %d" % n
                self.receiver.forget()
                self.n_good = 0
                shutil.rmtree(self.state, ignore_errors=True)
                alert = self.run_with_page(Answer(200, body, content_type=content_type), path="/page%d" % n)
                self.assertNotEqual(alert["body"], "page")
                self.assertTrue(alert["body_reason"], "why there is no body")


class Hanging(Hostile):
    def test_everything_hangs_but_one(self):
        """A feed, a page and a webhook that never answer, and a feed that drips: what is healthy does not wait for them,
        the run ends in its time, and nothing is lost."""
        dead, hang, drip, paper = self.serve(Receiver), self.serve(), self.serve(), self.serve()     # one request at a time to each
        dead.answer("hang")
        hang.route("/hang", fault="hang")
        drip.route("/drip", body=rss(item("KFOR drips", self.server.url("/d"), "d")), drip=1.0)
        paper.route("/paper", body=rss(item("KFOR with a page that hangs", paper.url("/page"), "p")))
        paper.route("/page", fault="hang")
        self.configure(feeds=[("hang", hang.url("/hang")), ("drip", drip.url("/drip")), ("paper", paper.url("/paper"), "full-text = always"),
                              ("good", self.server.url("/good"), "full-text = never")],
                       receiver=self.receiver.url("/hook"), text="sinks = dead",
                       sinks="[sink dead]\ntype = webhook\nformat = json\nurl = %s\n" % dead.url("/x"))
        self.publish_good()
        begin = time.monotonic()
        result = self.run_once(ONCE_SECONDS_MAX)
        self.assert_posted("KFOR with a page that hangs", *self.good_titles())
        if PLAIN_BUILD:
            good = next(r for r in self.receiver.seen() if r.json["story"]["title"] == "KFOR good news 0")
            self.assertLess(good.time - begin, 10, "delayed by what hangs")
        states = self.feed_states()
        for name in ("hang", "drip"):
            self.assertEqual(states[name]["state"], "trouble", states[name])
            self.assertRegex(result.stderr, "Feed '%s' could not be read: " % name)
        self.assertRegex(result.stderr, "sink 'dead'")

        for name, server in (("hang", hang), ("drip", drip)):
            server.route("/" + name, body=rss(item("KFOR %s" % name, self.server.url("/" + name[0]), name[0])))
        paper.route("/page", body=page(FILLER))
        dead.answer(200)
        self.run_once()
        expected = ["KFOR with a page that hangs", "KFOR hang", "KFOR drip", *self.good_titles()]
        self.assert_posted(*expected)
        titles = {r.id: r.json["story"]["title"] for r in dead.seen()}
        self.assertEqual(sorted(titles.values()), sorted(expected), "each with one id over all tries")


class Webhooks(Hostile):
    ANSWERS = {
        "four-o-four": (404, "HTTP 404", "takes nothing"),
        "five-hundred": (500, "HTTP 500", "Could not deliver"),
        "limit": (Answer(429, b"slow down", headers={"Retry-After": "3600"}), "HTTP 429", "Could not deliver"),
        "reset": ("reset", "127.0.0.1", "Could not deliver"),
        "moved": (None, "redirect", "takes nothing"),
        "unauthorized": (401, "HTTP 401", "takes nothing"),
        "garbage": (Answer(fault="garbage", body=b"\0\1\2garbage"), "127.0.0.1", "Could not deliver"),
    }

    def test_webhooks_fail(self):
        sinks = {name: self.serve(Receiver) for name in self.ANSWERS}
        for name, (answer, *_) in self.ANSWERS.items():
            sinks[name].answer(answer or Answer(307, b"", headers={"Location": self.receiver.url("/elsewhere")}))
        self.configure(feeds=[("good", self.server.url("/good"), "full-text = never")], receiver=self.receiver.url("/hook"),
                       text="sinks = %s" % " ".join(sinks),
                       sinks="".join("[sink %s]\ntype = webhook\nformat = json\nurl = %s\n" % (n, s.url("/x")) for n, s in sinks.items()))
        self.publish_good()
        now = time.time()
        result = self.run_once()
        self.assert_posted(*self.good_titles())
        self.assertEqual(self.receiver.seen("/elsewhere"), [], "a redirect is not followed")

        waiting = {d["sink"]: d for d in self.ctl("outbox", "--json").json["deliveries"]}
        self.assertEqual(set(waiting), set(sinks))
        for name, (_, error, words) in self.ANSWERS.items():
            with self.subTest(name):
                self.assertEqual(waiting[name]["state"], "pending")
                self.assertRegex(waiting[name]["error"], error)
                self.assertRegex(result.stderr, "(?i)%s.*sink '%s'|sink '%s' %s" % (words, name, name, words))
                self.assertEqual(len(sinks[name].seen()), 1, "tried again at once")

        row = self.database().execute("SELECT next_try_usec FROM deliveries WHERE sink = 'limit'").fetchone()
        self.assertGreaterEqual(row[0], int((now + 3600) * 1e6), "asked before the time the server gave")
        self.run_once(due=False)
        self.assertEqual(len(sinks["limit"].seen()), 1, "asked before the time the server gave")

        # mended: what waited arrives, with the id it had, and what came meanwhile
        for sink in sinks.values():
            sink.answer(200)
        self.publish_good()
        self.run_once()
        self.assert_posted(*self.good_titles())
        for name, sink in sinks.items():
            with self.subTest(name):
                first, *rest = sink.seen()
                self.assertEqual([r.json["story"]["title"] for r in rest][-2:], self.good_titles())
                self.assertEqual(first.id, rest[-2].id)
        self.assertEqual(self.ctl("outbox", "--json").json["deliveries"], [])

    def test_answer_lost(self):
        """Read, then reset: nobody knows whether it counted, so it comes again with the same id, and says so."""
        self.receiver.answer("reset-head", 200)
        self.configure_feeds([])
        self.publish_good()
        result = self.run_once()
        self.assertIn("sink 'hook'", result.stderr)
        self.run_once()
        ids = self.receiver.ids()
        self.assertEqual(len(set(ids)), 1)
        self.assertLessEqual(len(ids), 2)
        self.assertEqual(self.ctl("outbox", "--json").json["deliveries"], [])

    def test_endless_answer(self):
        """A 200 with a body without end is a yes."""
        self.receiver.answer(Answer(200, b"ok" * 1000, fault="endless"))
        self.configure_feeds([])
        self.publish_good()
        self.run_once()
        self.assert_posted(*self.good_titles())
        self.run_once()
        self.assert_posted(*self.good_titles())

    def test_private_sink(self):
        self.configure_feeds([], sinks="[sink inside]\ntype = webhook\nformat = json\nallow-private = no\nurl = %s\n" % self.receiver.url("/inside"),
                             text="sinks = inside")
        self.publish_good()
        result = self.run_once()
        self.assert_posted(*self.good_titles())
        self.assertEqual(self.receiver.seen("/inside"), [])
        self.assertRegex(result.stderr, "Sink 'inside' takes nothing: .*allow-private")


class Disk(Hostile):
    @classmethod
    def setUpClass(cls):
        # Mounts of our own: they end with us, however we end.
        cls.may_mount = unshare(CLONE_NEWNS) and \
            subprocess.run(["mount", "--make-rprivate", "/"], stderr=subprocess.DEVNULL, check=False).returncode == 0

    def setUp(self):
        super().setUp()
        self.configure_feeds([])
        self.publish_good()

    @contextlib.contextmanager
    def mounted(self, *arguments):
        self.state.mkdir(mode=0o700, exist_ok=True)
        if not self.may_mount or subprocess.run(["mount", *arguments, self.state], stderr=subprocess.DEVNULL, check=False).returncode != 0:
            self.skipTest("needs root that may mount")
        try:
            yield
        finally:
            for daemon in self.daemons:
                if daemon.poll() is None:
                    daemon.kill()
                    daemon.wait()
            subprocess.run(["umount", self.state], check=True)

    def assert_no_start(self, words, status=3):
        result = self.run_once(status=status, due=False)
        self.assertRegex(result.stderr, re.escape(str(self.state)))
        self.assertRegex(result.stderr, words)
        return result

    def test_read_only(self):
        self.run_once()
        self.publish_good()
        self.make_due()
        with self.mounted("--bind", self.state):
            subprocess.run(["mount", "-o", "remount,bind,ro", self.state], check=True)
            self.assert_no_start("Read-only file system")
            self.assertEqual(len(self.alerts()), 1, "it can still be read")
            subprocess.run(["mount", "-o", "remount,bind,rw", self.state], check=True)
            self.run_once()
        self.assert_posted(*self.good_titles())

    def test_no_folder(self):
        self.state.write_text("a file")
        self.assert_no_start("Not a directory")
        self.state.unlink()
        self.run_once()
        self.assert_posted(*self.good_titles())

    def wait_delivered(self, daemon, n):
        """Not only seen by the receiver: a daemon that is stopped before the answer would send again."""
        self.wait(lambda: self.log(daemon).count("Delivered to sink 'hook'") >= n, "%d deliveries" % n, daemon)

    def fill(self):
        filler = self.state / "filler"
        with contextlib.suppress(OSError), open(filler, "ab", buffering=0) as f:
            while True:
                f.write(b"f" * 4096)
        with contextlib.suppress(OSError), open(filler, "ab", buffering=0) as f:
            while True:
                f.write(b"f")
        return filler

    def test_full_at_start(self):
        with self.mounted("-t", "tmpfs", "-o", "size=2m,mode=700", "tmpfs"):
            filler = self.fill()
            self.assert_no_start("No space left|full")
            filler.unlink()
            self.run_once(due=False)
            self.assert_posted(*self.good_titles())

    def test_full_while_reloading(self):
        """A new configuration that cannot be recorded is not taken; with room again it is, and what it brings is told, once."""
        with self.mounted("-t", "tmpfs", "-o", "size=24m,mode=700", "tmpfs"):
            daemon = self.start()
            self.wait_delivered(daemon, 1)
            filler = self.fill()
            long = [item("KFOR long story %d" % n, self.server.url("/l%d" % n), "l%d" % n, (FILLER + " ") * 40) for n in range(400)]
            self.server.route("/new", body=rss(*long))
            self.config.write_text(self.config.read_text(encoding="utf-8") + "\n[feed new]\nurl = %s\nfull-text = never\n" % self.server.url("/new"),
                                   encoding="utf-8")
            n_before = len(self.receiver.seen())
            daemon.send_signal(1)
            self.wait(lambda: re.search("not taken|nothing is lost", self.log(daemon)), "the trouble to be told", daemon)
            self.assertIn(str(self.state), self.log(daemon))
            self.assertIsNone(daemon.poll(), self.log(daemon))
            self.assertEqual(len(self.receiver.seen()), n_before)
            filler.unlink()
            daemon.send_signal(1)
            self.wait_delivered(daemon, 401)
            self.stop(daemon)
            self.run_once()
        self.assert_posted(*self.good_titles(), *["KFOR long story %d" % n for n in range(400)])

    def test_full_while_polling(self):
        """The items of a poll cannot be stored: by itself it is polled again, until they can."""
        with self.mounted("-t", "tmpfs", "-o", "size=24m,mode=700", "tmpfs"):
            go = threading.Event()
            titles = ["KFOR long story %d" % n for n in range(400)]
            body = rss(*[item(t, self.server.url("/" + t.replace(" ", "-")), t, (FILLER + " ") * 40) for t in titles])
            other = self.serve()        # one request at a time to each
            other.route("/new", [Answer(200, body, etag='"1"', hold=go), Answer(200, body, etag='"1"')])
            self.configure(feeds=[("good", self.server.url("/good"), "full-text = never"), ("new", other.url("/new"), "full-text = never")],
                           receiver=self.receiver.url("/hook"))
            daemon = self.start()
            self.wait_delivered(daemon, 1)
            other.wait_for("/new")
            filler = self.fill()
            go.set()
            self.wait(lambda: "nothing is lost" in self.log(daemon), "the trouble to be told", daemon)
            self.assertRegex(self.log(daemon), "'%s'.*(No space left|full)" % re.escape(str(self.state)))
            self.assert_posted(*self.good_titles())
            filler.unlink()
            self.receiver.wait_for(n=401, timeout=100)
            self.wait_delivered(daemon, 401)
            self.assertNotIn("if-none-match", other.seen("/new")[1].headers)
            self.wait(lambda: "can be written again" in self.log(daemon), "the end of the trouble to be told", daemon)
            self.stop(daemon)
            self.assertEqual(self.log(daemon).count("nothing is lost"), 1, "told once")
            self.run_once()
        self.assert_posted(*self.good_titles(), *titles)

    def test_full_while_sending(self):
        """The webhook said yes, but that cannot be written: it is not sent again, and written when there is room."""
        with self.mounted("-t", "tmpfs", "-o", "size=24m,mode=700", "tmpfs"):
            go = threading.Event()
            self.receiver.answer(Answer(200, b"ok", hold=go), 200)
            daemon = self.start()
            self.receiver.wait_for(n=1)
            filler = self.fill()
            go.set()
            time.sleep(1)       # for what may go wrong; nothing shows when it goes right
            filler.unlink()
            self.wait(lambda: "Delivered to sink 'hook'" in self.log(daemon), "the delivery", daemon)
            self.stop(daemon)
            self.run_once()
        self.assert_posted(*self.good_titles())

    def test_full_for_once(self):
        """The run fails, and says so; the next one has it all."""
        with self.mounted("-t", "tmpfs", "-o", "size=24m,mode=700", "tmpfs"):
            self.run_once()
            self.server.route("/good", body=rss(*[item("KFOR good news %d" % n, self.server.url("/g%d" % n), "g%d" % n, (FILLER + " ") * 40)
                                                  for n in range(300)]))
            self.make_due()
            filler = self.fill()
            result = self.run_measured("picketd", "--user", "-c", self.config, "--once")
            self.assertEqual(result.status, 3, str(result))
            self.assertIn(str(self.state), result.stderr)
            self.assertRegex(result.stderr, "No space left|full")
            if PLAIN_BUILD:
                self.assertLess(result.seconds, ONCE_SECONDS_MAX)
            filler.unlink()
            self.n_good = 300
            self.run_once()
            self.assert_posted(*self.good_titles())

    def test_corrupt(self):
        self.run_once()
        database = self.state / "picket.db"
        sound = database.read_bytes()
        for name, content in (("garbage", os.urandom(100000)), ("text", b"this is no database\n" * 100), ("half", sound[:len(sound) // 2]),
                              ("head", sound[:100]), ("holes", sound[:4096] + b"\xff" * (len(sound) - 4096))):
            with self.subTest(name):
                database.write_bytes(content)
                result = self.assert_no_start("picket.db.*(damaged|no database)")
                self.assertNotIn("Another picketd", result.stderr)
                self.assertRegex(self.ctl("status", status=3).stderr, "picket.db.*(damaged|no database)")
                self.assertEqual(database.read_bytes(), content, "what is left is not made worse")
        database.write_bytes(sound)
        self.publish_good()
        self.run_once()
        self.assert_posted(*self.good_titles())

    def test_another_database(self):
        self.state.mkdir(mode=0o700)
        db = self.database()
        with db:
            db.execute("CREATE TABLE cookies (name TEXT)")
        db.close()
        self.assert_no_start("picket.db.*(damaged|no database)")

    def test_newer_database(self):
        self.run_once()
        db = self.database()
        with db:
            db.execute("PRAGMA user_version = 4711")
        db.close()
        self.assert_no_start("version")


class Clock(Hostile):
    def far(self, *statements):
        db = self.database()
        with db:
            for statement in statements:
                db.execute(statement, (int(time.time() * 1e6) + 10 * YEAR_USEC,))
        db.close()

    def test_feeds(self):
        """Kept under a clock that was ten years ahead: due at once."""
        for interval, columns in (("auto", "next_poll_usec = ?1"), ("1h", "next_poll_usec = ?1, last_poll_usec = last_poll_usec - 2 * 3600000000"),
                                  ("1min", "next_poll_usec = ?1, last_poll_usec = ?1"), ("auto", "retry_after_usec = ?1, next_poll_usec = ?1"),
                                  ("1h", "n_failures = 9, next_poll_usec = ?1"),
                                  ("1h", "next_poll_usec = ?1, last_poll_usec = ?1, last_success_usec = ?1, last_item_usec = ?1, retry_after_usec = ?1")):
            with self.subTest(columns):
                self.configure_feeds([], interval=interval)
                self.publish_good()
                self.run_once()
                self.far("UPDATE feeds SET " + columns)
                self.publish_good()
                self.run_once(due=False)
                self.assert_posted(*self.good_titles())
                next_poll = self.database().execute("SELECT next_poll_usec FROM feeds").fetchone()[0]
                self.assertLess(next_poll, int(time.time() * 1e6) + YEAR_USEC // 365, "the next one is near again")

    def test_behind(self):
        """Kept under a clock at the epoch: an item first seen then is no news again."""
        self.configure_feeds([])
        self.publish_good()
        self.run_once()
        db = self.database()
        with db:
            db.execute("UPDATE feeds SET next_poll_usec = 1, last_poll_usec = 1, last_success_usec = 1, last_item_usec = 1")
            db.execute("UPDATE items SET first_seen_usec = 1, last_seen_usec = 1")
        db.close()
        self.publish_good()
        self.run_once(due=False)
        self.assert_posted(*self.good_titles())

    def test_pages(self):
        """An alert held for its page under such a clock is told when the clock is right again."""
        self.server.route("/feed", body=rss(item("KFOR held", self.server.url("/page"), "1")))
        self.server.route("/page", [Answer(503)])
        self.configure(feeds=[("paper", self.server.url("/feed"), "full-text = always")], receiver=self.receiver.url("/hook"))
        self.run_once()
        self.assert_posted("KFOR held")
        self.far("UPDATE items SET page_next_usec = ?1, first_seen_usec = ?1 WHERE page = 'wanted'")
        self.run_once(due=False)
        self.assertEqual(len(self.server.seen("/page")), 2, "the page is tried again")


class Administrator(Hostile):
    MISTAKES = """[picket]
state-directory = %(state)s
contact = https://example.org/picket
intervall = 10min
interval = soon
nonsense
[feed one]
url = ftp://example.org/feed
weight = heavy
interval = 5s
[feed one]
url = https://example.org/other
[feed two]
url = https://example.org/two
profiles = nobody
full-text = sometimes
[profile p]
threshold = high
keyword = 10 (KFOR | Kosovo
keyword = KFOR
[sink s]
type = pigeon
[garden]
flower = rose
"""
    # the lines of what is wrong above; some mistakes may be told at the section's line
    LINES = (4, 5, 6, 8, 9, 10, 11, 15, 16, 18, 19, 20, 22, 23)

    def test_twelve_mistakes(self):
        """All in one go, each with its place; and no state is touched."""
        self.config.write_text(self.MISTAKES % {"state": self.state}, encoding="utf-8")
        for program, arguments, status in (("picketctl", ["check"], 1), ("picketd", ["--once"], 78), ("picketd", ["--check"], 78)):
            with self.subTest(program=program, arguments=arguments):
                result = self.run_program(program, "--user", "-c", self.config, *arguments)
                self.assertEqual(result.status, status, str(result))
                told = {int(n) for n in re.findall(r"picket\.conf:(\d+)", result.stderr)}
                self.assertLessEqual(set(self.LINES), told, str(result))
                self.assertRegex(result.stderr, "intervall.*interval", "a suggestion for what is misspelt")
        self.assertFalse(self.state.exists())

    def test_hostile_configuration(self):
        for name, content in (("binary", PNG), ("nulls", b"[feed x]\nurl = http://a\0b/\n"), ("latin", b"[feed caf\xe9]\nurl = https://example.org/\n"),
                              ("long", b"[feed x]\nurl = https://example.org/" + b"a" * 100000 + b"\n"),
                              ("continued", b"[feed x]\nurl = \\\n" + b"a\\\n" * 100000), ("itself", b"[picket]\ninclude = picket.conf\n"),
                              ("deep", b"[profile x]\nkeyword = 1 " + b"(" * 60000 + b"\n"), ("nots", b"[profile x]\nkeyword = 1 " + b"!" * 60000 + b"a\n")):
            with self.subTest(name):
                self.config.write_bytes(content)
                result = self.run_measured("picketctl", "--user", "-c", self.config, "check")
                self.assertEqual(result.status, 1, str(result)[:2000])
                self.assertRegex(result.stderr, "picket.conf:[0-9]+")
                self.assertLess(len(result.stderr), 64 * 1024)
                self.assertEqual(self.run_program("picketd", "--user", "-c", self.config, "--once").status, 78)

    def test_missing_configuration(self):
        for program, argument, status in (("picketctl", "check", 3), ("picketctl", "status", 3), ("picketd", "--once", 78)):
            result = self.run_program(program, "-c", self.folder / "nothing.conf", argument)
            self.assertEqual(result.status, status, str(result))
            self.assertIn("nothing.conf", result.stderr)

    def test_credentials(self):
        """One that cannot be read stops its feed or sink alone, by name; mended, all arrives."""
        folder = self.folder / "credentials"
        folder.mkdir()
        (folder / "folder").mkdir()
        (folder / "empty").write_text("\n")
        (folder / "nul").write_bytes(b"Basic \0")
        (folder / "huge").write_bytes(b"x" * 10 * MIB)
        names = ("missing", "folder", "empty", "nul", "huge")
        self.configure(feeds=[("good", self.server.url("/good"), "full-text = never"),
                              *[(n, self.server.url("/" + n), "full-text = never", "credential = " + n) for n in names]],
                       receiver=self.receiver.url("/hook"), text="sinks = secret",
                       sinks="[sink secret]\ntype = webhook\nformat = json\nurl-credential = sink-url\n")
        for name in names:
            self.server.route("/" + name, body=rss(item("KFOR " + name, self.server.url("/c/" + name), name)))
        self.publish_good()
        env = {"CREDENTIALS_DIRECTORY": str(folder)}
        result = self.run_once(env=env)
        self.assert_posted(*self.good_titles())
        states = self.feed_states()
        for name in names:
            with self.subTest(name):
                self.assertIn("redential '%s'" % name, states[name]["error"])
                self.assertRegex(result.stderr, "Feed '%s' could not be read: .*redential '%s'" % (name, name))
                self.assertEqual(self.server.seen("/" + name), [], "asked without its credential")
        self.assertRegex(result.stderr, "sink 'secret'.*'sink-url'")

        (folder / "folder").rmdir()
        for name in names:
            (folder / name).write_text("Bearer %s\n" % name)
        (folder / "sink-url").write_text(self.receiver.url("/secret") + "\n")
        self.run_once(env=env)
        expected = sorted([*self.good_titles(), *["KFOR " + n for n in names]])
        for path in ("/hook", "/secret"):
            self.assertEqual(sorted(r.json["story"]["title"] for r in self.receiver.seen(path)), expected)
        self.assertEqual(self.server.seen("/missing")[0].headers["authorization"], "Bearer missing")

    def test_usage(self):
        self.configure_feeds([])
        for arguments in ([], ["frobnicate"], ["--frobnicate"], ["check", "--frobnicate"], ["-c"], ["parse"], ["poll"],
                          ["outbox", "retry"], ["outbox", "retry", "x"], ["status", "now"], ["--base"], ["check", "--base", "x"], ["statu"],
                          ["test"], ["test", "a", "b"], ["parse", "-", "--profile", "x"]):
            with self.subTest(arguments=arguments):
                result = self.run_program("picketctl", "--user", *arguments)
                self.assertEqual(result.status, 2, str(result))
                self.assertTrue(result.stderr)
                self.assertEqual(result.stdout, "")
        for arguments in (["--frobnicate"], ["now"], ["-c"], ["--once=5"]):
            with self.subTest(arguments=arguments):
                result = self.run_program("picketd", *arguments)
                self.assertEqual(result.status, 2, str(result))
                self.assertTrue(result.stderr)

    def test_parse_operands(self):
        for operand in (self.folder / "missing.xml", self.folder):
            with self.subTest(operand):
                result = self.run_program("picketctl", "parse", operand)
                self.assertEqual(result.status, 3, str(result))
                self.assertIn(str(operand), result.stderr)
        good = self.folder / "good.xml"
        good.write_text("<rss version='2.0'><channel><title>one</title></channel></rss>", encoding="utf-8")
        result = self.run_program("picketctl", "parse", good, self.folder / "missing.xml", good)
        self.assertEqual(result.status, 3, str(result))
        self.assertEqual([json.loads(line)["title"] for line in result.stdout.splitlines()], ["one", "one"])
        self.assertIn("missing.xml", result.stderr)
        for garbage in (b"", b"\0", os.urandom(65536), b"<", b"<rss", b"<?xml", b"&" * 100000, b"<" * 100000, b"<![CDATA[" * 10000):
            with self.subTest(garbage[:10]):
                result = self.parse(garbage, status=3)
                self.assertTrue(result.stderr)

    def test_before_the_first_run(self):
        self.configure_feeds([])
        for verb in ("status", "feeds", "alerts", "outbox"):
            result = self.ctl(verb, status=3)
            self.assertIn(str(self.state), result.stderr)
        for arguments in (["reload"], ["poll", "good"], ["outbox", "retry", "1"]):
            result = self.ctl(*arguments, status=3)
            self.assertTrue(result.stderr)


if __name__ == "__main__":
    unittest.main()
