# SPDX-License-Identifier: MIT
"""The list of good manners of docs/polling.md with the built programs: what goes over the wire, what the store keeps, and
what people are told. Tests carry the number of their statement."""

import time
import unittest

from harness import Answer, PicketTest, Receiver, item, rss

DAY = 86400
RFC850 = "Friday, 20-Feb-26 06:30:00 GMT"


class Manners(PicketTest):
    def setUp(self):
        super().setUp()
        self.server, self.receiver = self.serve(), self.serve(Receiver)
        self.configure_feed()

    def configure_feed(self, *lines, path="/feed", **fields):
        self.configure(feeds=[("paper", self.server.url(path), "full-text = never", *lines)], receiver=self.receiver.url("/hook"), **fields)

    def publish(self, *items, path="/feed", **fields):
        self.server.route(path, body=rss(*items), content_type="application/rss+xml", **fields)

    def script(self, *answers, path="/feed"):
        self.server.route(path, list(answers))

    def feed(self):
        return self.ctl("feeds", "--json").json["feeds"][0]

    def change(self, sql, *values):
        """What lies in the store, as if time had passed. Only while no picketd runs."""
        db = self.database()
        with db:
            db.execute("UPDATE feeds SET " + sql, values)

    def usec(self, ago=0.0):
        return int((time.time() - ago) * 1e6)

    def validators(self, request):
        return request.headers.get("if-none-match"), request.headers.get("if-modified-since")

    def sent(self, path="/feed"):
        return [self.validators(request) for request in self.server.seen(path)]

    # --- conditional requests ---

    def test_s11_01_newest_validators_are_sent(self):
        body = rss(item("KFOR a", guid="1"))
        head = {"content_type": "application/rss+xml"}
        self.script(Answer(200, body, etag='"1"', last_modified="a", **head),
                    Answer(304, headers={"ETag": '"2"'}),
                    Answer(200, body, headers={"ETag": '"3"', "Last-Modified": "c"}, **head),
                    Answer(200, body, headers={"ETag": '"4"'}, **head),
                    Answer(200, body, headers={"Last-Modified": "e"}, **head),
                    Answer(200, body, **head))
        for _ in range(7):
            self.once()
        self.assertEqual(self.sent(), [(None, None), ('"1"', "a"), ('"2"', "a"), ('"3"', "c"), ('"4"', None), (None, "e"), (None, None)])
        self.assertEqual(len(self.receiver.seen()), 1)

    def test_s11_02_request_bytes_are_those_received(self):
        self.publish(item("KFOR a", guid="1"), headers={"ETag": '  W/"a-gzip"  ', "Last-Modified": RFC850})
        self.once()
        self.once()
        raw = dict(self.server.seen("/feed")[1].raw_headers)
        self.assertEqual((raw["If-None-Match"], raw["If-Modified-Since"]), ('W/"a-gzip"', RFC850))

    def test_s11_03_older_date_is_read(self):
        self.publish(item("KFOR a", guid="1"), headers={"Last-Modified": "Tue, 03 Jan 2026 15:04:05 GMT"})
        self.once()
        self.publish(item("KFOR a", guid="1"), item("KFOR b", guid="2"), headers={"Last-Modified": "Mon, 02 Jan 2026 15:04:05 GMT"})
        self.once()
        self.assertEqual(self.posted(self.receiver), [("kfor", "KFOR a"), ("kfor", "KFOR b")])
        self.once()
        self.assertEqual(self.sent()[2], (None, "Mon, 02 Jan 2026 15:04:05 GMT"))

    def test_s11_04_kept_over_failures_and_restarts(self):
        self.script(Answer(200, rss(item("KFOR a", guid="1")), etag='"1"', last_modified=RFC850),
                    Answer(429, headers={"ETag": '"error"'}), Answer(500), Answer(200, "<html><p>We have moved</html>", content_type="text/html"),
                    Answer(200, rss(item("KFOR b", guid="2")), fault="truncate"), Answer(304), Answer(304))
        for _ in range(7):
            self.once()
        self.assertEqual(self.sent(), [(None, None)] + 6 * [('"1"', RFC850)])

    def test_frb_014_validators_belong_to_an_address(self):
        """Behind a redirect they go to its end alone; another end, other credentials or another address get none."""
        self.script(Answer(302, headers={"Location": "/one"}))
        self.publish(item("KFOR a", guid="1"), path="/one", headers={"ETag": '"one"'})
        self.publish(item("KFOR a", guid="1"), path="/two", headers={"ETag": '"two"'})
        self.once()
        self.once()
        self.assertEqual(self.sent(), 2 * [(None, None)])
        self.assertEqual(self.sent("/one"), [(None, None), ('"one"', None)])
        self.assertEqual(self.feed()["redirected_to"], self.server.url("/one"))
        self.script(Answer(302, headers={"Location": "/two"}))
        self.once()
        self.once()
        self.assertEqual(self.sent("/two"), [(None, None), ('"two"', None)])
        self.configure_feed("header = X-Key: other")
        self.once()
        self.once()
        self.assertEqual(self.sent("/two")[2:], [(None, None), ('"two"', None)])
        self.configure_feed("header = X-Key: other", path="/two")
        self.once()
        self.assertEqual(self.sent("/two")[4], (None, None))

    def test_same_bytes_are_not_read_again(self):
        """A server without validators: seen by the hash of the body; a change is read all the same."""
        self.publish(item("KFOR a", guid="1", date=False), item("broken &nosuch; <b", guid="2", date=False))
        for _ in range(4):
            self.once()
        row = self.database().execute("SELECT n_unheeded, last_read_usec, last_success_usec FROM feeds").fetchone()
        self.assertGreaterEqual(row[0], 3)
        self.assertLess(row[1], row[2] - 1, "it was read long before it was last received")
        self.assertEqual(self.feed()["items"], 2)
        self.publish(item("KFOR b", guid="3", date=False), item("KFOR a", guid="1", date=False))
        self.once()
        self.assertEqual(self.posted(self.receiver), [("kfor", "KFOR b")])
        # one that is too long to be held is read as it comes
        self.publish(*[item("%s %d" % ("KFOR" if n == 3999 else "x", n), guid="g%d" % n, summary=300 * "x", date=False) for n in range(4000)])
        self.once()
        self.assertEqual(self.posted(self.receiver), [("kfor", "KFOR 3999"), ("kfor", "KFOR b")])

    def test_feed_without_its_end(self):
        """Cut off once, it may have more to say; the same twice, it is the feed that lacks its end."""
        whole = rss(item("KFOR a", guid="1"), item("KFOR b", guid="2"))
        cut = whole[:whole.index("</channel>")]
        self.script(*[Answer(200, cut, headers={"ETag": '"cut"'}, content_type="application/rss+xml")] * 3, Answer(304))
        for _ in range(4):
            self.once()
        self.assertEqual(self.sent(), [(None, None), (None, None), ('"cut"', None), ('"cut"', None)])
        self.assertEqual(self.posted(self.receiver), [("kfor", "KFOR a"), ("kfor", "KFOR b")])

    def test_unasked_304(self):
        self.script(Answer(304))
        self.assertIn("to an unconditional request", self.once().stderr)
        self.assertEqual(self.feed()["state"], "trouble")

    # --- when ---

    def test_s11_05_freshness_of_a_304(self):
        self.configure_feed(interval="10min")
        answers = [({"Cache-Control": "max-age=3600"}, 3600, "max-age"), ({"Cache-Control": "max-age=7200", "Age": "3600"}, 3600, "max-age"),
                   ({"Cache-Control": "max-age=999999999"}, 6 * 3600, "max-age"), ({"Cache-Control": "no-cache"}, 600, "configured")]
        self.script(Answer(200, rss(item("KFOR a", guid="1")), etag='"1"'), *[Answer(304, headers=headers) for headers, _, _ in answers])
        self.once()
        for headers, wait, reason in answers:
            with self.subTest(headers):
                self.once()
                feed = self.feed()
                self.assertEqual((feed["interval"], feed["reason"]), (wait, reason))
                row = self.database().execute("SELECT (next_poll_usec - last_poll_usec) / 1e6 FROM feeds").fetchone()
                self.assertTrue(wait <= row[0] <= 1.1 * wait, row)

    def test_frb_024_hints_of_the_feed(self):
        sy = '<sy:updatePeriod xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">daily</sy:updatePeriod>' \
             '<sy:updateFrequency xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">12</sy:updateFrequency>'
        self.server.route("/feed", body=rss(item("KFOR a", guid="1"), extra=sy + "<ttl>30</ttl>"))
        self.once()
        self.assertEqual((self.feed()["interval"], self.feed()["reason"]), (7200, "period"))
        hour = time.gmtime().tm_hour
        skip = "<skipHours>%s</skipHours>" % "".join("<hour>%d</hour>" % ((hour + n) % 24) for n in range(3))
        self.server.route("/feed", body=rss(item("KFOR a", guid="1"), extra=skip))
        self.once()
        row = self.database().execute("SELECT next_poll_usec FROM feeds").fetchone()
        self.assertGreater(row[0], self.usec() + 1.9 * 3600 * 1e6 * (time.gmtime().tm_hour == hour))
        self.assertIn("hours and days that the feed names", self.feed()["explanation"])

    def test_explanation_for_people(self):
        self.publish(*[item("KFOR %d" % n, guid=str(n), age=n * 3600 + 60) for n in range(20)])
        self.configure_feed(interval="auto")
        self.once()
        shown = self.ctl("feeds").stdout
        self.assertRegex(shown, r"next poll 20..-.*\(after .*: .*\)")
        self.assertEqual(self.feed()["reason"], "start")
        self.once()
        self.assertRegex(self.feed()["explanation"], r"^after 1\dmin( \d+s)?: about 1 new item an hour at that time of day$")

    # --- answers ---

    def test_s11_06_poll_by_hand_is_refused(self):
        """Kept over a kill: the row has it with the answer."""
        self.script(Answer(503, headers={"Retry-After": "3600"}))
        self.once()
        feed = self.feed()
        self.assertEqual((feed["interval"], feed["reason"]), (3600, "retry-after"))
        row = self.database().execute("SELECT (retry_after_usec - last_poll_usec) / 1e6, (next_poll_usec - retry_after_usec) / 1e6 FROM feeds").fetchone()
        self.assertEqual(row[0], 3600)
        self.assertTrue(0 <= row[1] <= 300, row)
        self.run_program("picketd", "--user", "-c", self.config, "--once")
        self.assertEqual(len(self.server.seen("/feed")), 1)

    def test_s11_08_portal_changes_nothing(self):
        self.publish(item("KFOR a", guid="1"), etag='"1"')
        self.once()
        self.script(Answer(301, headers={"Location": "/portal"}))
        self.server.route("/portal", body="<html><title>Welcome</title>", content_type="text/html")
        for _ in range(8):
            self.once()
            self.change("last_poll_usec = last_poll_usec - ?", int(DAY * 1e6))
        self.assertIsNone(self.feed()["moved_to"])
        self.publish(item("KFOR b", guid="2"), item("KFOR a", guid="1"), etag='"2"')
        self.once()
        self.assertEqual(self.posted(self.receiver), [("kfor", "KFOR a"), ("kfor", "KFOR b")])
        self.assertEqual(self.sent()[-1], ('"1"', None))

    def test_s11_09_moved_for_a_week(self):
        self.publish(item("KFOR a", guid="1"))
        self.once()
        self.script(Answer(301, headers={"Location": "/new"}))
        self.publish(item("KFOR a", guid="1"), path="/new", etag='"new"')
        for _ in range(6):
            self.once()
        self.assertEqual((self.feed()["moved_to"], self.feed()["redirected_to"]), (None, self.server.url("/new")))
        self.change("move_since_usec = move_since_usec - ?", int(7 * DAY * 1e6))
        self.assertIn("has moved to %s" % self.server.url("/new"), self.once().stderr)
        n = len(self.server.seen("/feed"))
        self.once()
        self.assertEqual(len(self.server.seen("/feed")), n, "the old address is left alone")
        self.assertEqual(self.sent("/new")[-1], ('"new"', None))
        self.assertEqual((self.feed()["url"], self.feed()["moved_to"]), (self.server.url("/feed"), self.server.url("/new")))
        self.assertIn("moved to", self.ctl("feeds").stdout)
        self.assertIn("this feed has moved to '%s'" % self.server.url("/new"), self.ctl("check").stderr)
        # the new one goes away, and the old one is asked again
        self.publish(item("KFOR b", guid="2"), item("KFOR a", guid="1"))
        self.script(Answer(404), path="/new")
        self.assertIn("polling the configured address again", "".join(self.once().stderr for _ in range(3)))
        self.once()
        self.assertEqual(self.posted(self.receiver), [("kfor", "KFOR a"), ("kfor", "KFOR b")])

    def test_secrets_stay_with_their_server(self):
        """A feed that moved to another server is asked there without what was configured for the first."""
        other = self.serve()
        self.configure_feed("header = X-Key: secret")
        self.publish(item("KFOR a", guid="1"))
        self.once()
        other.route("/new", body=rss(item("KFOR a", guid="1")))
        self.change("moved_to = ?", other.url("/new"))
        self.once()
        self.assertEqual(self.server.seen("/feed")[0].headers["x-key"], "secret")
        self.assertNotIn("x-key", other.seen("/new")[0].headers)

    def test_s11_10_gone(self):
        self.publish(item("KFOR a", guid="1"))
        self.once()
        self.script(Answer(410))
        self.assertIn("could not be read: HTTP status 410", self.once().stderr)
        self.assertNotIn("gone for good", self.once().stderr, "not on one day")
        self.change("gone_since_usec = gone_since_usec - ?", int(DAY * 1e6))
        self.assertIn("gone for good", self.once().stderr)
        n = len(self.server.seen("/feed"))
        self.change("last_poll_usec = last_poll_usec - ?", int(400 * DAY * 1e6))
        self.run_program("picketd", "--user", "-c", self.config, "--once")
        self.assertEqual(len(self.server.seen("/feed")), n)
        self.assertEqual((self.feed()["state"], self.feed()["next_poll"]), ("gone", None))
        self.assertIn("never", self.ctl("feeds").stdout)
        self.assertIn("gone", self.ctl("status").stdout)
        # another address is another feed
        self.publish(item("KFOR b", guid="2"), path="/other")
        self.configure_feed(path="/other")
        self.once()
        self.assertEqual((self.feed()["state"], self.feed()["trouble"]), ("ok", "none"))

    def test_challenge_is_named(self):
        self.script(Answer(403, "<html>Just a moment...", {"cf-mitigated": "challenge"}, content_type="text/html"))
        self.assertIn("a page that asks for a browser", self.once().stderr)
        self.assertEqual((self.feed()["trouble"], self.feed()["interval"]), ("challenge", DAY))

    def test_trouble_is_named(self):
        cases = [(401, "unauthorized", DAY), (403, "forbidden", 4 * 3600), (404, "missing", 600), (410, "gone", DAY), (429, "rate-limited", 3600),
                 (500, "server", 600)]
        self.configure_feed(interval="10min")
        for status, trouble, wait in cases:
            with self.subTest(status):
                self.script(Answer(status))
                self.once()
                self.assertEqual((self.feed()["trouble"], self.feed()["interval"]), (trouble, wait))
                self.change("n_failures = 0")
        self.server.route("/feed", body="<html><p>no feed", content_type="text/html")
        self.once()
        self.assertEqual(self.feed()["trouble"], "no-feed")

    def test_two_feeds_with_one_address(self):
        self.configure(feeds=[(name, self.server.url("/feed"), "full-text = never") for name in "ab"], receiver=self.receiver.url("/hook"))
        self.assertIn("feed 'a' has the same address", self.ctl("check").stderr)
        self.publish(item("KFOR a", self.server.url("/story"), guid="1"))
        self.once()
        self.assertEqual(self.posted(self.receiver), [("kfor", "KFOR a")])

    # --- what is old ---

    def test_after_a_long_sleep(self):
        """What was published meanwhile is news, what is older than a week or should have been there before is not."""
        self.publish(item("KFOR before", guid="1"))
        self.once()
        self.change("last_success_usec = ?, last_poll_usec = ?", self.usec(5 * DAY), self.usec(5 * DAY))
        self.publish(item("KFOR of today", guid="2"), item("KFOR of the second day", guid="3", age=4.5 * DAY),
                     item("KFOR of just before", guid="4", age=5.5 * DAY), item("KFOR long before", guid="5", age=6.5 * DAY),
                     item("KFOR ancient", guid="6", age=300 * DAY), item("KFOR undated", guid="7", date=False))
        self.once()
        self.assertEqual([title for _, title in self.posted(self.receiver)],
                         ["KFOR before", "KFOR of just before", "KFOR of the second day", "KFOR of today", "KFOR undated"])
        self.assertEqual(self.database().execute("SELECT count(*) FROM items").fetchone()[0], 7, "all are recorded")

    def test_after_a_very_long_sleep(self):
        self.publish(item("KFOR before", guid="1"))
        self.once()
        self.change("last_success_usec = ?, last_poll_usec = ?", self.usec(30 * DAY), self.usec(30 * DAY))
        self.publish(item("KFOR of this week", guid="2", age=6.9 * DAY), item("KFOR of last week", guid="3", age=7.1 * DAY))
        self.once()
        self.assertEqual(self.posted(self.receiver), [("kfor", "KFOR before"), ("kfor", "KFOR of this week")])

    def test_s11_16_silence_is_told_once(self):
        self.publish(item("KFOR a", guid="1"), etag='"1"')
        self.once()
        self.change("last_item_usec = ?", self.usec(30 * DAY))
        self.assertIn("has had nothing new for 30d", self.once().stderr)
        self.assertNotIn("nothing new", self.once().stderr)
        self.assertEqual(self.feed()["state"], "silent")

    def test_s11_18_gap_is_told(self):
        self.configure_feed(interval="auto")
        self.publish(*[item("a %d" % n, guid="a%d" % n) for n in range(5)])
        self.once()
        self.publish(*[item("b %d" % n, guid="b%d" % n) for n in range(5)])
        self.assertIn("may have come and gone unseen", self.once().stderr)
        self.publish(*[item("b %d" % n, guid="b%d" % n) for n in range(1, 6)])
        self.assertNotIn("unseen", self.once().stderr)

    def test_one_address_of_two_feeds(self):
        """FRB 137: where one is redirected to the other, both stay and it is said once."""
        self.configure(feeds=[("a", self.server.url("/a"), "full-text = never"), ("b", self.server.url("/b"), "full-text = never")],
                       receiver=self.receiver.url("/hook"))
        self.assertEqual(self.ctl("check").stderr, "")
        self.publish(item("KFOR a", self.server.url("/story"), guid="1"), path="/b")
        self.script(Answer(301, headers={"Location": "/b"}), path="/a")
        told = "".join(self.once().stderr for _ in range(8))
        self.assertEqual(told.count("where another feed is polled"), 1)
        self.change("move_since_usec = move_since_usec - ? WHERE name = 'a'", int(30 * DAY * 1e6))
        self.once()
        self.assertEqual([feed["moved_to"] for feed in self.ctl("feeds", "--json").json["feeds"]], [None, None])
        self.assertEqual(self.posted(self.receiver), [("kfor", "KFOR a")])


if __name__ == "__main__":
    unittest.main()
