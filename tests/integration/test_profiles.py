# SPDX-License-Identifier: MIT
"""The shipped profiles: what they find, what they leave alone, and how sure they are of it.

tests/eval.py prints the same figures with the errors.
"""

import html
import pathlib
import re
import sys
import unittest

from harness import BUILD, ROOT, WRAPPER, PicketTest

sys.path.insert(0, str(ROOT / "tests"))
import eval as evaluation  # noqa: E402

KFOR, IRAQ, SUMMIT = "kfor", "nato-mission-iraq", "ankara-summit"

# Title, summary, and the profiles that have to find it: no others may.
MATCH = [
    ("KFOR patrols the north", "", {KFOR}),
    ("Kfor pojačao prisustvo na severu", "", {KFOR}),
    ("Командант Кфора у Приштини", "", {KFOR}),
    ("KFOR'un yeni komutanı göreve başladı", "", {KFOR}),
    ("Peacekeepers in the north of Kosovo get new vehicles", "", {KFOR}),
    ("Mirovnjaci na mostu", "Most na Ibru u Mitrovici ostaje zatvoren.", {KFOR}),
    ("Bundeswehr bleibt im Kosovo", "Das Kabinett verlängert das Mandat.", {KFOR}),
    ("Pentagon looks at the Balkans", "Some of the American soldiers at Camp Bondsteel in Kosovo may leave.", {KFOR}),
    ("L'OTAN réduit ses troupes au Kosovo", "", {KFOR}),
    ("الناتو يخفض قواته في كوسوفو", "", {KFOR}),
    ("NATO Mission Iraq changes command", "", {IRAQ}),
    ("The alliance's training mission in Baghdad faces its end", "", {IRAQ}),
    ("NATO moves its Iraq advisers to Naples", "", {IRAQ}),
    ("NMI trainers return to Iraq", "", {IRAQ}),
    ("NATO'nun Irak'taki eğitim misyonu sona eriyor", "", {IRAQ}),
    ("Мисија НАТО у Ираку одлази из Багдада", "", {IRAQ}),
    ("Misioni i NATO-s në Irak mbyllet", "", {IRAQ}),
    ("Nato-Einsatz im Irak endet im Herbst", "", {IRAQ}),
    ("بعثة الناتو في العراق تنهي عملها", "", {IRAQ}),
    ("NATO summit in Ankara opens", "", {SUMMIT}),
    ("Turkish capital hosts alliance leaders", "Heads of state and government meet on 7-8 July.", {SUMMIT}),
    ("Beştepe'de tarihi NATO zirvesi", "", {SUMMIT}),
    ("Rutte calls Ankara Declaration a turning point for NATO", "", {SUMMIT}),
    ("Самит НАТО у Анкари", "", {SUMMIT}),
    ("Szczyt NATO w Ankarze", "", {SUMMIT}),
    ("Nach dem Nato-Gipfel in Ankara", "", {SUMMIT}),
    ("Allies fear cuts in Kosovo and Iraq",
     "Washington wants NATO's peacekeepers in Kosovo reduced and the alliance's trainers out of Baghdad.", {KFOR, IRAQ}),
    ("NATO to end its Iraq mission at the Ankara summit", "", {IRAQ, SUMMIT}),
]

# What only looks like it: nobody may find it.
NO_MATCH = [
    ("KFOR: tornado warning for Oklahoma City", "News 4 storm chasers report hail."),
    ("KFOR's forecast: storms return Thursday", "The weather team expects hail."),
    ("KFOR 1240 AM adds a morning show", "The Lincoln, Nebraska radio station has a new host."),
    ("Kforce Inc. reports its second quarter", "The staffing firm raised its outlook."),
    ("Kosovo beat Slovenia 2-1 in World Cup qualifier", "A football night in Pristina."),
    ("Mitrović scores twice", "The Serbian striker is back."),
    ("UNMIK presents its report on Kosovo", "The UN mission spoke of missing persons."),
    ("How the bombs of 1999 changed Kosovo", "A historian on NATO's air campaign."),
    ("UN peacekeepers wounded in Lebanon", "UNIFIL condemned the attack."),
    ("Kosovo hopes for NATO membership", "Four allies do not recognise it."),
    ("È nato a Baghdad il primo panda", "Missione riuscita per lo zoo dell'Iraq."),
    ("Ferry drifts 12 nmi off the coast", ""),
    ("NMI Holdings posts a record profit", ""),
    ("Shiite alliance agrees on prime minister in Baghdad", "The mission of the new government is reform."),
    ("US-led coalition ends its mission in Iraq", "The advisers leave by September."),
    ("UN mission in Iraq closes", "UNAMI ended its work in Baghdad."),
    ("How the Iraq war split NATO", "In 2003 Paris and Berlin said no."),
    ("Iraq raises oil exports as OPEC meets", "Three million barrels a day."),
    ("Ankara trade fair opens", "Four hundred exhibitors."),
    ("Leaders of Turkic states meet for a summit in Ankara", "Trade routes are on the agenda."),
    ("Ankara blocks NATO statement", "The Turkish government wants its jets."),
    ("Vilnius summit: Erdogan lifts his veto", "NATO leaders cheered a deal with Turkey in July 2023."),
    ("Albania prepares to host NATO summit in 2027", "Tirana builds a congress hall."),
    ("Ankara bloquea una declaración de la OTAN", "El Gobierno turco pide aviones."),
    ("COP31: Turkey invites leaders to Antalya", "The climate summit was prepared in Ankara."),
]

# Articles on something else that name, further down, what a profile looks for: title, summary, body.
PASSING = [
    ("Europe plans a peacekeeping force for Ukraine", "Thirty countries would send soldiers once the guns are silent.",
     "The troops would be led by France and Britain, not by NATO. Planners look at what peacekeepers did in Bosnia and, "
     "for a quarter of a century now, in Kosovo. Some allies doubt that the contingents can be found."),
    ("NATO leaders agree on five percent in The Hague", "The allies promised to spend more by 2035.",
     "The meeting in June 2025 was short. Ankara had asked for a word on terrorism and got it; the next meetings will be "
     "held in Türkiye and in Albania."),
    ("Turkish jets strike targets in the north of Iraq", "Baghdad called in the ambassador.",
     "The operation went on for two nights. Turkey, which is a member of NATO, has kept a base there for years, and "
     "trains local fighters."),
    ("Kosovo parliament fails again to elect a speaker", "The deputies will try for the forty-second time on Friday.",
     "The quarrel has held up the budget. Diplomats fear for the talks with Serbia, and the European Union has frozen "
     "its funds. The country hopes to join NATO one day."),
]


def text_of_page(name):
    """The demo's article as plain text: title and paragraphs."""
    page = pathlib.Path(ROOT, "tests/demo", name).read_text(encoding="utf-8")
    title = re.search(r"<h1>(.*?)</h1>", page, re.S)[1]
    paragraphs = re.findall(r"<p>(.*?)</p>", page, re.S)
    return html.unescape(title), [" ".join(html.unescape(p).split()) for p in paragraphs]


class ShippedProfiles(PicketTest):
    def setUp(self):
        super().setUp()
        self.configure("include = %s/config/profiles/*.conf" % ROOT, profiles="")

    def score(self, reports):
        """{profile: verdict} of each (title, summary), scored as one feed."""
        feed = self.folder / "feed.xml"
        feed.write_text(evaluation.as_feed([evaluation.Report("", 0, "", (), title, summary)
                                            for title, summary in reports]), encoding="utf-8")
        items = self.ctl("score", "--json", feed, status=None).json["items"]
        self.assertEqual(len(items), len(reports))
        return [{verdict["profile"]: verdict for verdict in item["profiles"]} for item in items]

    def assert_found(self, wanted, verdicts, report):
        found = {profile for profile, verdict in verdicts.items() if verdict["matched"]}
        self.assertEqual(found, wanted, "%s\n%s" % (" / ".join(report), "\n".join(
            "%s: %s" % (profile, evaluation.explain(verdicts[profile]).lstrip()) for profile in sorted(found ^ wanted))))

    def test_named(self):
        reports = [(title, summary) for title, summary, _ in MATCH]
        for (title, summary, wanted), verdicts in zip(MATCH, self.score(reports)):
            with self.subTest(title):
                self.assert_found(wanted, verdicts, (title, summary))

    def test_look_alikes(self):
        for report, verdicts in zip(NO_MATCH, self.score(NO_MATCH)):
            with self.subTest(report[0]):
                self.assert_found(set(), verdicts, report)

    @unittest.skipIf(WRAPPER, "figures, not memory")
    def test_figures(self):
        """Precision and recall over the labelled reports."""
        reports = evaluation.read_reports()
        verdicts = evaluation.score(BUILD, reports)
        wrong = "\n\n".join(evaluation.errors(reports, verdicts))
        for profile, languages in evaluation.count(reports, verdicts).items():
            with self.subTest(profile):
                self.assertGreaterEqual(languages[""].precision, evaluation.PRECISION, wrong)
                self.assertGreaterEqual(languages[""].recall, evaluation.RECALL, wrong)

    def test_one_report_for_three(self):
        """The headline names only Kosovo, the lead adds Iraq, the article the summit."""
        title, paragraphs = text_of_page("article.html")
        feed = pathlib.Path(ROOT, "tests/demo/feed.xml").read_text(encoding="utf-8")
        lead = re.search(r"<title>%s</title>.*?<description>(.*?)</description>" % re.escape(title), feed, re.S)[1]
        text = self.folder / "article.txt"
        text.write_text("\n\n".join(paragraphs), encoding="utf-8")

        items = self.ctl("score", "--json", "--title", title, "--summary", html.unescape(lead), text).json["items"]
        verdicts = {verdict["profile"]: verdict for verdict in items[0]["profiles"]}
        self.assert_found({KFOR, IRAQ, SUMMIT}, verdicts, (title, lead))
        self.assertTrue(any(keyword["field"] == "body" for keyword in verdicts[SUMMIT]["keywords"]), verdicts[SUMMIT])

    def test_mentioned_in_passing(self):
        for title, summary, body in PASSING:
            with self.subTest(title):
                text = self.folder / "article.txt"
                text.write_text(body, encoding="utf-8")
                items = self.ctl("score", "--json", "--title", title, "--summary", summary, text, status=None).json["items"]
                self.assert_found(set(), {v["profile"]: v for v in items[0]["profiles"]}, (title, summary, body))

    def test_each_stands_alone(self):
        for name in (KFOR, IRAQ, SUMMIT):
            with self.subTest(name):
                self.configure("include = %s/config/profiles/%s.conf" % (ROOT, name), profiles="")
                result = self.ctl("check")
                self.assertEqual(result.stderr, "")
                self.assertIn(name, result.stdout)

    def test_shipped_configuration(self):
        """All that ships is right as it is, but for the contact that only its user can set."""
        self.config.write_text("[picket]\nstate-directory = %s\n%s" % (self.state, "".join(
            "include = %s/config/%s\n" % (ROOT, pattern)
            for pattern in ("picket.conf", "feeds/*.conf", "profiles/*.conf", "sinks/*.conf"))), encoding="utf-8")
        warnings = [line for line in self.ctl("check").stderr.splitlines() if "warning:" in line or "error:" in line]
        self.assertEqual([line for line in warnings if "contact" not in line], [])


if __name__ == "__main__":
    unittest.main()
