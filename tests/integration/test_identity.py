# SPDX-License-Identifier: MIT
"""What publishers do to ids, addresses, dates and titles, with the built programs: as many alerts as there are new
stories, none lost and none twice."""

import time
import unittest

from harness import PicketTest, Receiver, item, rss

DAY = 86400
NOW = int(time.time()) + 0.5     # ages count from here, so that an entry keeps its second from poll to poll
ARCHIVE = "lists an archive"
SUMMARY = "The mission in Kosovo said in a statement on Monday, of which this is report number %s, that it was so."
HEADLINES = ["KFOR opens a bridge over the river Ibar", "KFOR patrols the northern border with more soldiers", "New commander takes over KFOR in Pristina",
             "KFOR and police train together for riots", "Hungary sends another company to KFOR", "KFOR helicopters help to put out forest fires",
             "Doctors of KFOR visit remote mountain villages", "KFOR denies reports about a new base", "Ministers discuss the future of KFOR in Brussels",
             "KFOR removes a barricade near Zvecan at night"]


class Story:
    """An entry as its publisher has it; with_() is the same below another name."""

    def __init__(self, n, title=None, age=60.0, **fields):
        self.fields = dict(title=title or HEADLINES[n], guid="https://example.org/%s" % n, link="https://example.org/%s" % n, summary=SUMMARY % n,
                           age=age, date=True)
        self.fields.update(fields)

    def with_(self, **fields):
        other = Story(0)
        other.fields = {**self.fields, **fields}
        return other

    def __str__(self):
        return item(**{**self.fields, "age": self.fields["age"] + time.time() - NOW})


class Identity(PicketTest):
    def setUp(self):
        super().setUp()
        self.server, self.receiver = self.serve(spread=True), self.serve(Receiver)
        self.follow("/feed")

    def follow(self, *paths):
        self.paths = paths
        self.configure(feeds=[(path[1:], self.server.url(path), "full-text = never") for path in paths], receiver=self.receiver.url("/hook"))

    def poll(self, *stories, path="/feed"):
        """One poll of @path that lists @stories; the titles of the alerts it raised, and what was logged."""
        before = len(self.receiver.seen())
        for other in self.paths:
            if not self.server._scripts.get(other):
                self.server.route(other, body=rss())
        self.server.route(path, body=rss(*[str(s) for s in stories]), content_type="application/rss+xml")
        self.log = self.once().stderr
        return sorted(r.json["story"]["title"] for r in self.receiver.seen()[before:])

    def check(self, told, *stories, path="/feed"):
        self.assertEqual(self.poll(*stories, path=path), sorted(told))

    def stories(self, n=4, age=3600.0, **fields):
        """Of the last hours, newest first, at odd seconds."""
        return [Story(i, age=age + 601 * i + 7, **fields) for i in range(n)]

    def old(self, n, age=30 * DAY, prefix="KFOR archive of that year"):
        return [Story("%s-%d" % (prefix.replace(" ", "-"), i), "%s, chapter %d" % (prefix, i), age=age + 3607.0 * i) for i in range(n)]

    def begin(self, stories):
        self.check([s.fields["title"] for s in stories], *stories)

    # --- other names ---

    def test_s11_17_alerts_are_true_new_stories(self):
        s = self.stories()
        titles = [x.fields["title"] for x in s]
        self.check(titles[1:], *s[1:])
        self.check([titles[0]], *s)
        s = [x.with_(guid=x.fields["guid"].replace("https:", "http:"), link=x.fields["link"].replace("https:", "http:")) for x in s]
        self.check([], *s)                                                              # the scheme of everything
        s[1] = s[1].with_(guid="https://example.org/north-2", link="https://example.org/north-2", title="KFOR patrols northern border with even more soldiers")
        self.check([], *s)                                                              # a headline, and the address made of it
        self.check([], *[x.with_(link=x.fields["link"] + "?utm_source=rss&fbclid=1") for x in s])
        for n in range(3):
            self.check([], *[x.with_(guid="random-%d-%d" % (n, i)) for i, x in enumerate(s)])
        ten = [Story(i, guid="one", age=50 + 61 * i) for i in range(4, 10)]
        self.check([x.fields["title"] for x in ten], *ten, *s)                          # one guid for all
        self.check([], *ten, *s)
        new = Story("new", "KFOR has news among its archive", age=5)
        self.check(["KFOR has news among its archive"], new, *ten, *s, *self.old(200))  # what is new in a replay
        self.assertEqual(self.log.count(ARCHIVE), 1)
        self.assertIn("200 items", self.log)
        self.check([], new, *ten, *s, *self.old(200))
        self.assertNotIn(ARCHIVE, self.log)
        self.assertEqual(len(self.receiver.seen()), 4 + 6 + 1)

    def test_headline_and_address_edited(self):
        """Slugs that follow the headline: same second, or much the same words above the same summary."""
        s = self.stories()
        self.begin(s)
        s[2] = s[2].with_(guid="https://example.org/slug", link="https://example.org/slug", title="A general from Italy leads the mission now")
        self.check([], *s)
        s[3] = s[3].with_(guid="https://example.org/slug3", link="https://example.org/slug3", title="KFOR and police train together for winter riots", age=30)
        self.check([], *s)
        # and again, known by its newest name
        s[3] = s[3].with_(title="KFOR and police train for riots")
        self.check([], *s)
        self.assertEqual(self.database().execute("SELECT count(*) FROM items").fetchone(), (4,))

    def test_edit_that_matches_is_news(self):
        s = [Story(0), Story(1, "Ministers talk about the mission in the north", summary=None, age=667)]
        self.check([HEADLINES[0]], *s)
        s[1] = s[1].with_(guid="https://example.org/x", link="https://example.org/x", title="Ministers talk about KFOR in the north")
        self.check(["Ministers talk about KFOR in the north"], *s)

    def test_what_replaces_is_no_edit(self):
        """An entry that comes as another leaves is new where nothing tells that it is the same."""
        boiler = "Read the whole of this story, and more like it, at the site of our paper."
        s = [Story(0, summary=boiler, age=1207), Story(1, summary=boiler, age=2407)]
        self.begin(s)
        self.check(["Doctors of KFOR visit remote mountain villages"], Story(6, summary=boiler, age=31), s[0])
        self.check(["KFOR reports 12 injured in clashes near Zvecan"], Story("a", "KFOR reports 12 injured in clashes near Zvecan", age=31), s[0])
        self.check(["KFOR reports 30 injured in clashes near Zvecan"], Story("b", "KFOR reports 30 injured in clashes near Zvecan", age=29), s[0])
        # the next edition of a column, without a summary
        self.check(["KFOR this week in five short points"], Story("c", "KFOR this week in five short points", summary=None, age=26 * 3600), s[0])
        db = self.database()
        with db:
            db.execute("UPDATE items SET first_seen_usec = first_seen_usec - ?", (8 * DAY * 1000000,))
            db.execute("UPDATE stories SET created_usec = created_usec - ?", (8 * DAY * 1000000,))
        self.check(["KFOR this week in five short points"], Story("d", "KFOR this week in five short points", summary=None, age=40), s[0])

    def test_another_platform(self):
        """All guids, addresses and summaries new, titles the same: with their dates, with today's, and without dates."""
        for name, fields in (("dates", {}), ("today", {"age": 20}), ("none", {"date": False})):
            with self.subTest(name):
                path = "/" + name
                self.follow(path)
                s = [Story(i, "%s, says %s" % (HEADLINES[i], name), age=8 * DAY + 601 * i + 7, summary=None) for i in range(6)]
                self.check([], *s, path=path)
                n = [Story(name, "KFOR is in the news, says " + name, age=40)]
                self.check(["KFOR is in the news, says " + name], *n, *s, path=path)
                moved = [x.with_(guid="cms:%s:%d" % (name, i), link="https://new.example/%s/%d" % (name, i), **fields) for i, x in enumerate(n + s)]
                new = Story(name + "2", "Another story of KFOR for " + name, age=10)
                self.check(["Another story of KFOR for " + name], new, *moved, path=path)
                self.check([], new, *moved, path=path)

    def test_random_names_and_dates(self):
        s = self.stories(6, summary=None)
        self.begin(s)
        for n in range(3):
            self.check([], *[x.with_(guid="r%d-%d" % (n, i), link=None, age=10) for i, x in enumerate(s)])
        self.assertEqual(self.database().execute("SELECT count(*) FROM items").fetchone(), (6,))

    def test_dates_are_stamped_anew(self):
        s = self.stories()
        self.begin(s)
        for n in range(2):
            self.check([], *[x.with_(age=5 - n) for x in s])

    def test_other_host(self):
        s = self.stories()
        self.begin(s)
        self.check([], *[x.with_(link=x.fields["link"].replace("example.org", "cdn.example")) for x in s])
        self.check([], *[x.with_(link=x.fields["link"].replace("example.org", "cdn.example"), guid="new-%d" % i) for i, x in enumerate(s)])

    def test_guid_given_out_again(self):
        self.begin([Story(0, age=2 * DAY // 4)])
        db = self.database()
        with db:
            db.execute("UPDATE items SET published_usec = published_usec - ?", (40 * DAY * 1000000,))
        self.check([HEADLINES[1]], Story(1, guid="https://example.org/0"))

    # --- several feeds ---

    def test_ten_feeds_of_one_publisher(self):
        paths = ["/feed%d" % n for n in range(10)]
        self.follow(*paths)
        for n, path in enumerate(paths):
            self.server.route(path, body=rss(str(Story(0, link="https://example.org/0?at_campaign=feed%d" % n, guid="f%d" % n))))
        self.once()
        self.assertEqual(self.posted(self.receiver), [("kfor", HEADLINES[0])])

    def test_items_move_between_feeds(self):
        self.follow("/feed", "/archive")
        s = self.stories(3)
        self.begin(s)
        self.check([], s[0], *[Story(5, "Nothing of interest in this paper today", summary=None)], path="/archive")
        self.server.route("/feed", body=rss(str(s[0])))
        self.check([], *s, path="/archive")
        # long after: told three weeks ago, and listed elsewhere now
        db = self.database()
        with db:
            for table, column in (("items", "published_usec"), ("items", "first_seen_usec"), ("stories", "created_usec")):
                db.execute("UPDATE %s SET %s = %s - ?" % (table, column, column), (21 * DAY * 1000000,))
        self.follow("/feed", "/archive", "/third")
        self.server.route("/third", body=rss(str(Story(8, "Nothing here", summary=None))))
        self.check([], path="/archive")
        self.check([], *[x.with_(age=x.fields["age"] + 21 * DAY) for x in s], path="/third")

    # --- archives ---

    def test_archive_is_told_once(self):
        s = self.stories()
        self.begin(s)
        between = Story("b", "KFOR was in the news five days ago", age=5 * DAY)
        self.check(["KFOR was in the news five days ago"], *s, between, *self.old(20))
        self.assertEqual(self.log.count(ARCHIVE), 1)
        row = self.database().execute("SELECT count(*), sum(silent), sum(hold_until_usec) FROM items").fetchone()
        self.assertEqual(row, (25, 20, 0))

    def test_few_old_ones_are_news(self):
        """Ten are no flood, nor are many of which most are new, nor old ones without dates."""
        s = self.stories()
        self.begin(s)
        few = self.old(10)
        self.check([x.fields["title"] for x in few], *s, *few)
        undated = [x.with_(date=False) for x in self.old(11, prefix="KFOR without any date")]
        self.check([x.fields["title"] for x in undated], *s, *undated)
        many = [Story("m%d" % i, "KFOR has much to say, part %d" % i, age=31.0 * i + 1) for i in range(12)]
        old = self.old(11, prefix="KFOR archive of another year")
        self.check([x.fields["title"] for x in many + old], *many, *old)
        self.assertNotIn(ARCHIVE, self.log)

    def test_archive_of_a_poll_that_never_ended(self):
        """Killed behind a commit in the middle of an archive: what was held then is settled with the rest."""
        s, old = self.stories(), self.old(30)
        self.begin(s)
        self.check([], *s, *old[:20])
        db = self.database()
        with db:
            db.execute("UPDATE items SET silent = 0, hold_until_usec = (SELECT max(last_seen_usec) FROM items) + 60000000 WHERE silent")
            db.execute("DELETE FROM items WHERE id = (SELECT max(id) FROM items)")
        new = Story("new", "KFOR has news among its archive", age=5)
        self.check(["KFOR has news among its archive"], new, *s, *old)
        self.assertIn("30 items", self.log)

    def test_archive_cut_off(self):
        """What came of a list that was cut off counts, and the rest of it when it comes."""
        self.begin(self.stories())
        body = rss(*[str(x) for x in self.old(30) + self.stories()])
        self.server.route("/feed", body=body, fault="truncate")
        self.assertEqual(self.once().stderr.count(ARCHIVE), 1)
        self.assertEqual(len(self.receiver.seen()), 4)

    def test_cut_list_renames_nothing(self):
        """What was not reached has not left the list."""
        s = self.stories(8)
        self.begin(s)
        twin = Story("twin", "KFOR denies reports about a second new base", age=s[7].fields["age"])
        self.server.route("/feed", body=rss(str(twin), *[str(x) for x in s]), fault="truncate")
        self.once()
        self.assertIn(("kfor", twin.fields["title"]), self.posted(self.receiver))


if __name__ == "__main__":
    unittest.main()
