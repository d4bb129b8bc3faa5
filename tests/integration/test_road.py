# SPDX-License-Identifier: MIT
"""The main road: from a feed's bytes to what a webhook receives, with the built programs."""

import unittest

from harness import FILLER, Answer, PicketTest, Receiver, item, page, rfc822, rss

CASE = "Washington wants fewer soldiers in Kosovo"
LEAD = "The United States is pressing NATO to shrink KFOR and to end NATO Mission Iraq."
BODY = "Ukraine would be kept out of the Ankara summit in July.\n" + FILLER + "\n" + \
    "KFOR has 4,500 soldiers. The Ankara summit is next.\n" + FILLER + "\nThe Ankara summit comes first.\n" + FILLER


class Road(PicketTest):
    def setUp(self):
        super().setUp()
        self.server, self.receiver = self.serve(), self.serve(Receiver)

    def configure_feed(self, *lines, **fields):
        self.configure(feeds=[("paper", self.server.url("/feed"), *lines)], receiver=self.receiver.url("/hook"), **fields)

    def publish(self, *items, **fields):
        self.server.route("/feed", body=rss(*items), content_type="application/rss+xml", **fields)

    def test_three_profiles_once(self):
        self.publish(item(CASE, self.server.url("/a"), "1", LEAD))
        self.server.route("/a", body=page(BODY), content_type="text/html; charset=utf-8")
        self.configure_feed()
        self.once()
        self.assertEqual(self.posted(self.receiver), [("iraq", CASE), ("kfor", CASE), ("summit", CASE)])
        summit = next(a for a in self.alerts() if a["profile"]["name"] == "summit")
        self.assertEqual([(k["field"], k["count"], k["points"]) for k in summit["keywords"]], [("body", 3, 10)])
        self.assertEqual(summit["body"], "page")
        self.once()
        self.assertEqual(len(self.receiver.seen()), 3)
        self.assertEqual(len(self.server.seen("/a")), 1, "a page is read once")

    def test_page_unreachable(self):
        self.publish(item(CASE, self.server.url("/a"), "1", LEAD))
        self.server.route("/a", [Answer(503)])
        self.configure_feed()
        self.once()
        self.assertEqual(self.posted(self.receiver), [("iraq", CASE), ("kfor", CASE)])
        for request in self.receiver.seen():
            self.assertIn("could not be read: HTTP status 503", request.json["reason"])
        # it is back, and what only the body says is told
        self.server.route("/a", body=page(BODY), content_type="text/html")
        self.once()
        self.assertEqual(self.posted(self.receiver), [("iraq", CASE), ("kfor", CASE), ("summit", CASE)])

    def test_page_instead_of_feed(self):
        lines = ["kind = xpath", "item = //li", "title = a", "link = a/@href", "summary = p", "date = small", "full-text = never"]
        self.server.route("/feed", body="<ul><li><a href='/a'>%s</a><p>%s</p><small>%s</small></ul>" % (CASE, LEAD, rfc822(60)), content_type="text/html")
        self.configure_feed(*lines)
        self.once()
        self.assertEqual(self.posted(self.receiver), [("iraq", CASE), ("kfor", CASE)])
        self.assertEqual(self.receiver.seen()[0].json["story"]["link"], self.server.url("/a"))
        # made anew: that is a failure, and said
        self.server.route("/feed", body="<p>We have moved.</p>", content_type="text/html")
        self.assertIn("a page without anything that its expressions find", self.once().stderr)
        # what is no expression is told with its place
        self.configure_feed(*lines[:3], "link = a[")
        self.assertRegex(self.ctl("check", status=1).stderr, r":\d+:\d+: error: link: no XPath expression: ")

    def test_page_hangs_alert_does_not(self):
        self.publish(item(CASE, self.server.url("/a"), "1", LEAD))
        self.server.route("/a", fault="hang")
        self.configure_feed()
        daemon = self.start()
        self.receiver.wait_for(n=2, timeout=40)
        self.stop(daemon)

    def test_replays_edits_and_flips_are_silent(self):
        self.configure_feed("full-text = never")
        first = [item("KFOR patrols the bridge of story %d" % n, self.server.url("/s%d" % n), "g%d" % n, "A lead %d." % n)
                 for n in range(20)]
        self.publish(*first)
        self.once()
        self.assertEqual(len(self.receiver.seen()), 20)
        for change in ({"guid": "other-%d"}, {"link": "/t%d"}, {"age": 5.0}, {"title": "KFOR patrols the bridge of story %d!"}):
            fields = [dict({"title": "KFOR patrols the bridge of story %d", "link": "/s%d", "guid": "g%d"}, **change) for _ in range(20)]
            self.publish(*[item(f["title"] % n, self.server.url(f["link"] % n), f["guid"] % n, "A lead %d." % n,
                                age=f.get("age", 60.0)) for n, f in enumerate(fields)])
            self.once()
            self.assertEqual(len(self.receiver.seen()), 20, change)

    def test_edit_that_crosses_alerts(self):
        self.configure_feed("full-text = never")
        self.publish(item("Patrols in the north", self.server.url("/s"), "g", "Quiet."))
        self.once()
        self.assertEqual(self.receiver.seen(), [])
        self.publish(item("KFOR patrols in the north", self.server.url("/s"), "g", "Quiet."))
        self.once()
        self.assertEqual(self.posted(self.receiver), [("kfor", "KFOR patrols in the north")])

    def test_first_poll(self):
        """What is old or undated is recorded and silent; what is young or dated in the future counts."""
        self.configure_feed("full-text = always")
        self.publish(item("KFOR old", self.server.url("/1"), "1", age=25 * 3600), item("KFOR undated", self.server.url("/2"), "2", date=False),
                     item("KFOR young", self.server.url("/3"), "3", age=23 * 3600), item("KFOR future", self.server.url("/4"), "4", age=-86400))
        self.once()
        self.assertEqual(self.posted(self.receiver), [("kfor", "KFOR future"), ("kfor", "KFOR young")])
        self.assertEqual((len(self.server.seen("/1")), len(self.server.seen("/2"))), (0, 0), "no page for what is silent")
        self.publish(item("KFOR later, undated", self.server.url("/5"), "5", date=False), item("KFOR later, old", self.server.url("/6"), "6", age=99 * 3600))
        self.once()
        self.assertEqual(self.posted(self.receiver)[1:3], [("kfor", "KFOR later, old"), ("kfor", "KFOR later, undated")])

    def test_two_feeds_one_story(self):
        self.server.route("/other", body=rss(item("KFOR in one place", self.server.url("/s"), "x", "The same lead.")))
        self.publish(item("KFOR in one place", self.server.url("/s?utm_source=rss"), "y", "The same lead."))
        self.configure(feeds=[("paper", self.server.url("/feed"), "full-text = never"), ("other", self.server.url("/other"), "full-text = never")],
                       receiver=self.receiver.url("/hook"))
        self.once()
        self.assertEqual(len(self.receiver.seen()), 1)

    def test_validators(self):
        """Verbatim, from one answer, kept over restarts and failures; a 304 costs nothing and keeps them."""
        self.publish(item("KFOR a", self.server.url("/a"), "1"), etag='W/"a-gzip"', last_modified="Friday, 20-Feb-26 06:30:00 GMT")
        self.configure_feed("full-text = never")
        self.once()
        self.assertNotIn("if-none-match", self.server.seen("/feed")[0].headers)
        self.once()
        self.server.route("/feed", [Answer(500)])
        self.once()
        self.publish(item("KFOR b", self.server.url("/b"), "2"))
        self.once()
        self.once()
        seen = self.server.seen("/feed")
        for request in seen[1:4]:
            self.assertEqual(request.headers.get("if-none-match"), 'W/"a-gzip"')
            self.assertEqual(request.headers.get("if-modified-since"), "Friday, 20-Feb-26 06:30:00 GMT")
        self.assertNotIn("if-none-match", seen[4].headers)
        self.assertNotIn("if-modified-since", seen[4].headers)
        self.assertEqual(seen[0].headers["user-agent"][:7], "Picket/")
        self.assertIn("(+https://example.org/picket)", seen[0].headers["user-agent"])
        for name in ("referer", "cookie", "accept-language", "pragma", "cache-control"):
            self.assertNotIn(name, seen[0].headers)

    def test_webhook_is_tried_again_with_the_same_id(self):
        self.publish(item("KFOR a", self.server.url("/a"), "1"))
        self.receiver.answer(500, "reset", 200)
        self.configure_feed("full-text = never")
        for _ in range(4):
            self.once()
        self.assertEqual(len(self.receiver.seen()), 3)
        self.assertEqual(len(set(self.receiver.ids())), 1)
        self.assertEqual(self.ctl("outbox", "--json").json["deliveries"], [])

    def test_dead_sink_delays_no_other(self):
        dead = self.serve(Receiver)
        dead.answer("hang")
        self.publish(item("KFOR a", self.server.url("/a"), "1"), item("KFOR b", self.server.url("/b"), "2"))
        self.configure_feed("full-text = never", text="sinks = dead",
                            sinks="[sink dead]\ntype = webhook\nformat = slack\nurl = %s\n" % dead.url("/x"))
        daemon = self.start()
        self.receiver.wait_for(n=2)
        dead.wait_for(n=1)
        self.stop(daemon)

    def test_refused_message_is_a_dead_letter(self):
        self.publish(item("KFOR a", self.server.url("/a"), "1"), item("KFOR b", self.server.url("/b"), "2"))
        self.receiver.answer(400, 200)
        self.configure_feed("full-text = never")
        self.once()
        deliveries = self.ctl("outbox", "--json").json["deliveries"]
        self.assertEqual([d["state"] for d in deliveries], ["dead"])
        self.assertEqual(len(self.receiver.seen()), 2)

    def test_gone_destination_keeps_its_queue(self):
        self.publish(item("KFOR a", self.server.url("/a"), "1"), item("KFOR b", self.server.url("/b"), "2"))
        self.receiver.answer(404)
        self.configure_feed("full-text = never")
        self.once()
        self.receiver.answer(200)
        self.once()
        self.assertEqual({t for _, t in self.posted(self.receiver)}, {"KFOR a", "KFOR b"})

    def test_second_daemon_is_refused(self):
        self.publish()
        self.configure_feed()
        daemon = self.start()
        self.server.wait_for("/feed")
        result = self.once(status=3)
        self.assertIn("Another picketd", result.stderr)
        self.stop(daemon)

    def test_bad_configuration_is_78(self):
        self.config.write_text("[feed x]\nurl = ftp://example.org/\n[feed y]\ninterval = 5\n", encoding="utf-8")
        result = self.once(status=78)
        self.assertIn("picket.conf:2", result.stderr)
        self.assertEqual(self.ctl("check", status=1).status, 1)

    def test_reload_keeps_the_old_when_the_new_is_bad(self):
        self.publish(item("KFOR a", self.server.url("/a"), "1"))
        self.configure_feed("full-text = never")
        daemon = self.start()
        self.receiver.wait_for(n=1)
        good = self.config.read_text(encoding="utf-8")
        self.config.write_text("[nonsense]\n", encoding="utf-8")
        daemon.send_signal(1)
        self.wait(lambda: "not taken" in self.log(daemon), "the refusal", daemon)
        self.server.route("/new", body=rss(item("KFOR b", self.server.url("/b"), "2")))
        self.config.write_text(good + "\n[feed new]\nurl = %s\nfull-text = never\n" % self.server.url("/new"), encoding="utf-8")
        daemon.send_signal(1)
        self.receiver.wait_for(n=2)
        self.assertEqual(len(self.server.seen("/feed")), 1, "a reload polls nothing that is not due")
        self.stop(daemon)


if __name__ == "__main__":
    unittest.main()
