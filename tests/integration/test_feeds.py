# SPDX-License-Identifier: MIT
"""Feeds found, taken over from other readers, and handed on: picketctl discover, import and export."""

import unittest
import xml.etree.ElementTree as ElementTree

from harness import WRAPPER, PicketTest, item, page, rss

ATOM = ('<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Atom &amp; more</title><id>urn:x</id>'
        "<updated>2026-02-20T00:00:00Z</updated><entry><title>One</title><id>urn:1</id></entry></feed>")


class Discover(PicketTest):
    def site(self, body):
        server = self.serve()
        server.route("/", body=body, content_type="text/html; charset=utf-8")
        return server

    def discover(self, url, status=0):
        return self.ctl("discover", url, "--json", status=status).json["feeds"]

    def test_declared_and_linked(self):
        """What the page declares comes first, each feed once, and what is none is left out."""
        server = self.site('<html><head><link rel="alternate" type="application/rss+xml" title="All" href="all.php?x=1">'
                           '<link rel="ALTERNATE nofollow" type="application/atom+xml; charset=utf-8" href="/atom">'
                           '<link rel="alternate" type="application/json+oembed" href="/oembed">'
                           '<link rel="alternate" type="application/json" href="/api"><link rel="alternate" hreflang="tr" href="/tr">'
                           '</head><body><a href="/atom">Atom</a><a href="/world/feed/">World</a><a href="/feedback">Say</a>'
                           '<a href="/dead/rss">dead</a></body></html>')
        server.route("/all.php", body=rss(item("a", guid="1"), item("b", guid="2")), content_type="text/html")
        server.route("/atom", body=ATOM, content_type="text/plain")
        server.route("/api", body='{"id": 1}', content_type="application/json")
        server.redirect("/world/feed/", "/world.xml")
        server.route("/world.xml", body=rss(), content_type="application/xml")
        self.assertEqual(self.discover(server.url("/")), [
            {"url": server.url("/all.php?x=1"), "title": "A feed", "format": "rss20", "items": 2},
            {"url": server.url("/atom"), "title": "Atom & more", "format": "atom10", "items": 1},
            {"url": server.url("/world.xml"), "title": "A feed", "format": "rss20", "items": 0}])
        asked = [request.path for request in server.seen()]
        self.assertNotIn("/oembed", asked)
        self.assertNotIn("/feedback", asked)
        self.assertNotIn("/rss.xml", asked, "no guess where the page tells")
        self.assertEqual(len(asked), len(set(asked)), "nothing is asked for twice")

        shown = self.ctl("discover", server.url("/"))
        self.assertIn("Atom & more\n    atom10, 1 item\n    %s\n" % server.url("/atom"), shown.stdout)
        self.assertEqual(shown.stderr, "")

    def test_base_address(self):
        server = self.site('<html><head><base href="/deep/"><link rel=alternate type="application/rss+xml" href=rss></head></html>')
        server.route("/deep/rss", body=rss(), content_type="application/rss+xml")
        self.assertEqual([feed["url"] for feed in self.discover(server.url("/"))], [server.url("/deep/rss")])

    def test_well_known(self):
        """Guesses, one after the other, until one is right."""
        server = self.site(page("No links here, and no feed named."))
        server.route("/atom.xml", body=ATOM)
        self.assertEqual([feed["url"] for feed in self.discover(server.url("/"))], [server.url("/atom.xml")])
        self.assertEqual([request.path for request in server.seen()], ["/", "/feed", "/rss", "/rss.xml", "/atom.xml"])
        self.assertEqual(server.n_active_max, 1)

    def test_none(self):
        server = self.site(page("No feed anywhere."))
        self.assertEqual(self.discover(server.url("/"), status=1), [])
        self.assertLessEqual(len(server.seen()), 1 + 8)
        self.assertEqual(self.ctl("discover", server.url("/"), status=1).stderr, "picketctl: no feed was found\n")
        self.ctl("discover", server.url("/missing"), status=3)
        self.ctl("discover", "example.org", status=2)

    def test_feed_itself(self):
        server = self.serve()
        server.route("/feed", body=rss(item("a", guid="1")), content_type="text/html")
        result = self.ctl("discover", server.url("/feed"), "--json")
        self.assertEqual(result.json["feeds"], [{"url": server.url("/feed"), "title": "A feed", "format": "rss20", "items": 1}])
        self.assertIn("feed itself", result.stderr)
        self.assertEqual(len(server.seen()), 1)

    def test_many_links(self):
        """A page of a thousand links to feeds makes no thousand requests."""
        server = self.site("<html><body>%s</body></html>" % "".join('<a href="/%d/rss">x</a>' % i for i in range(1000)))
        self.discover(server.url("/"), status=1)
        self.assertLessEqual(len(server.seen()), 1 + 8 + 7)


OPML = """<?xml version="1.0" encoding="ISO-8859-9"?>
<opml version="1.0"><head><title>Okuma listem</title></head><body>
<outline text="Balkans"><outline title="Local &amp; small"><outline text="Gazeta Sharri" type="rss"
  xmlUrl="https://example.org/sq?a=1&b=2" htmlUrl="https://example.org/sq"/>
 <outline text="\u0110erdap" xmlUrl="https://example.org/sr"/></outline>
 <outline text="Gazeta Sharri!" xmlURL="https://example.org/other"/></outline>
<outline text="Haber Ege \xdc\xe7" type="rss" xmlUrl="feed://example.org/tr"/>
<outline text="Mail" type="rss" xmlUrl="mailto:x@example.org"/>
<outline text="Nothing" type="rss"/>
<outline text="Secret" type="rss" xmlUrl="https://user:hunter2@example.org/feed"/>
<outline text="\u0635\u062d\u064a\u0641\u0629" xmlUrl="https://ar.example.net/feed"/>
<outline text="Again"><outline text="Twice" xmlUrl="https://example.org/sr"/></outline>
</body></opml>"""


class Opml(PicketTest):
    def write(self, text, encoding="utf-8"):
        path = self.folder / "list.opml"
        path.write_bytes(text.encode(encoding, "xmlcharrefreplace"))
        return path

    def test_import(self):
        path = self.write(OPML, "iso-8859-9")
        result = self.ctl("import", path, "--json")
        self.assertEqual([(feed["name"], feed["url"], feed["folders"]) for feed in result.json["feeds"]], [
            ("gazeta-sharri", "https://example.org/sq?a=1&b=2", ["Balkans", "Local & small"]),
            ("djerdap", "https://example.org/sr", ["Balkans", "Local & small", "Again"]),
            ("gazeta-sharri-2", "https://example.org/other", ["Balkans"]),
            ("haber-ege-uc", "http://example.org/tr", []),
            ("ar-example-net", "https://ar.example.net/feed", [])])
        self.assertEqual(result.json["feeds"][0]["title"], "Gazeta Sharri")
        self.assertEqual(result.json["feeds"][0]["html_url"], "https://example.org/sq")
        self.assertIsNone(result.json["feeds"][1]["html_url"])
        for name, line in (("Mail", 8), ("Nothing", 9), ("Secret", 10)):
            self.assertRegex(result.stderr, "line %d: '%s' has" % (line, name))
        self.assertNotIn("hunter2", result.stderr)
        self.assertIn("1 feed stood there again, merged", result.stderr)

    def test_import_is_configuration(self):
        """What import prints can be included, and export gives the same feeds back."""
        printed = self.ctl("import", self.write(OPML, "iso-8859-9")).stdout
        self.assertIn("# --- Balkans / Local & small ---\n\n[feed gazeta-sharri]\n# Gazeta Sharri\n"
                      "url = https://example.org/sq?a=1&b=2\n", printed)
        (self.folder / "feeds.conf").write_text(printed, encoding="utf-8")
        self.configure("include = %s" % (self.folder / "feeds.conf"))
        feeds = self.ctl("check", "--json").json["feeds"]
        self.assertEqual(len(feeds), 5)

        exported = self.ctl("export").stdout
        root = ElementTree.fromstring(exported)
        self.assertEqual((root.tag, root.get("version")), ("opml", "2.0"))
        outlines = {(o.get("text"), o.get("xmlUrl")) for o in root.iter("outline")}
        self.assertEqual(outlines, {(feed["name"], feed["url"]) for feed in feeds})
        self.assertEqual(self.ctl("export", "--json").json, {"feeds": [{"name": f["name"], "url": f["url"]} for f in feeds]})

        again = self.ctl("import", "-", "--json", stdin=exported.encode()).json["feeds"]
        self.assertEqual({(f["name"], f["url"]) for f in again}, outlines)

    def test_no_list(self):
        self.ctl("import", self.folder / "missing.opml", status=3)
        self.assertIn("is no OPML", self.ctl("import", self.write(rss()), status=3).stderr)
        self.assertIn("is no OPML", self.ctl("import", self.write("plain text"), status=3).stderr)
        empty = self.write('<opml version="2.0"><head/><body><outline text="Folder"/></body></opml>')
        self.assertIn("has no feed", self.ctl("import", empty, status=1).stderr)
        self.assertEqual(self.ctl("import", empty, "--json", status=1).json, {"feeds": []})

    def test_control_characters(self):
        """A title cannot write into the configuration, nor steer a terminal."""
        path = self.write('<opml version="2.0"><body><outline text="A&#10;[sink x]&#10;url = y&#x9b;31m" '
                          'xmlUrl="https://example.org/a"/><outline text="B\\" xmlUrl="https://example.org/b\\"/>'
                          '<outline text="C&#10;" xmlUrl="https://example.org/c&#10;url=d"/></body></opml>')
        printed = self.ctl("import", path).stdout
        self.assertEqual(printed.split("\n")[2:6], ["[feed a-sink-x-url-y-31m]", "# A [sink x] url = y›31m",
                                                    "url = https://example.org/a", ""])
        self.config.write_text("[picket]\nstate-directory = %s\n%s" % (self.state, printed), encoding="utf-8")
        feeds = self.ctl("check", "--json", status=None).json["feeds"]
        self.assertEqual([f["url"] for f in feeds if f["name"].startswith("a-")], ["https://example.org/a"])
        self.assertFalse([f for f in feeds if "\\" in f["url"] or f["name"] not in ("a-sink-x-url-y-31m", "b", "c")])

    def test_hostile(self):
        """Entities, depth, size and endless tags: bounded, nothing is fetched or read, and what is healthy behind them
        is taken."""
        after = '<outline text="After" xmlUrl="https://e.org/after"/>'
        refused = '<outline text="x" xmlUrl="ftp://e.org/"/>'
        laughs = "".join('<!ENTITY l%d "%s">' % (i, "&l%d;" % (i - 1) * 10) for i in range(1, 12))
        cases = {
            "laughs": '<!DOCTYPE opml [<!ENTITY l0 "ha">%s]><opml><body><outline text="&l11;" xmlUrl="https://e.org/"/>%s</body></opml>'
                      % (laughs, after),
            "external": '<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/passwd">]><opml><body><outline text="&x;" '
                        'xmlUrl="https://e.org/"/>%s</body></opml>' % after,
            "deep": "<opml><body>%s<outline text='x' xmlUrl='https://e.org/'/>%s%s</body></opml>"
                    % ("<outline text='f'>" * 100000, "</outline>" * 100000, after),
            "many": "<opml><body>%s</body></opml>" % "".join(
                "<outline text='same' xmlUrl='https://e.org/%d'/>" % i for i in range(20000)),
            "attributes": "<opml><body><outline %s xmlUrl='https://e.org/'/>%s</body></opml>"
                          % (" ".join("a%d=''" % i for i in range(200000)), after),
            "names": "<opml><body>%s%s</body></opml>" % ("".join("<n%d/>" % i for i in range(500000)), after),
            "folders": "<opml><body>%s%s</body></opml>" % (after, "".join(
                "<outline text='f%d'>%s</outline>" % (i, after) for i in range(90000))),
            "declarations": "<!DOCTYPE opml [%s]><opml><body>%s</body></opml>"
                            % ("".join('<!ENTITY e%d "x">' % i for i in range(250000)), after),
            "skipped": "<opml><body>%s%s</body></opml>" % (refused * 150000, after),
            "no XML": "junk <?xml version='1.0' encoding='bogus'?><opml><body>a < b\0&x;<b></a>%s" % after,
            "cut off": "<opml><body><outline text='x' xmlUrl='https://e.org/'/><outline text='y",
        }
        for name, text in cases.items():
            with self.subTest(name):
                result = self.run_measured("picketctl", "--user", "import", "-", "--json", stdin=text.encode())
                self.assertEqual(result.status, 0, result.stderr[:300])
                self.assertLess(result.peak_bytes, (512 if WRAPPER else 256) << 20)
                self.assertLess(result.seconds, 20)
                self.assertLess(len(result.stderr), 20000)
                self.assertNotIn("root:", result.stdout)
                if name not in ("many", "cut off"):
                    self.assertIn("After", [feed["title"] for feed in result.json["feeds"]])
                if name == "cut off":
                    self.assertEqual(len(result.json["feeds"]), 1)
                if name == "many":
                    self.assertEqual(len(result.json["feeds"]), 10000)


if __name__ == "__main__":
    unittest.main()
