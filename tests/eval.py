# SPDX-License-Identifier: MIT
"""Measures the shipped profiles with the labelled reports of tests/corpus/signal.

    python3 tests/eval.py --build build [--held] [--quiet]

Prints precision, recall and F1 per profile and per language, and below them the errors. --held measures the reports
that were held back from tuning, without showing their errors. Ends with 1 when a profile misses its targets.
"""

import argparse
import collections
import html
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
CORPUS = ROOT / "tests/corpus/signal"
# What a label says, and the profile that has to find it.
PROFILES = {"kfor": "kfor", "nmi": "nato-mission-iraq", "summit": "ankara-summit"}
PRECISION, RECALL = 0.95, 0.90

Report = collections.namedtuple("Report", "file line language profiles title summary")


def read_reports(held=False):
    """The labelled reports, held back or not, in the order of their files."""
    reports = []
    for path in sorted(CORPUS.glob("*.tsv")):
        if path.name.startswith("held-") != held:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()[1:], 2):
            language, labels, title, summary = line.split("\t")
            profiles = frozenset(PROFILES[label] for label in labels.split(",") if label != "-")
            reports.append(Report(path.name, number, language, profiles, title, summary))
    return reports


def as_feed(reports):
    """One RSS document of all @reports."""
    return ('<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>Reports</title>\n'
            "<link>https://example.org/</link><description>d</description>\n%s</channel></rss>\n" % "".join(
                "<item><title>%s</title><description>%s</description><link>https://example.org/%d</link></item>\n"
                % (html.escape(report.title), html.escape(report.summary), i) for i, report in enumerate(reports)))


def score(build, reports, profiles=ROOT / "config/profiles"):
    """What picketctl says of each report: {profile: verdict}, in the order of @reports."""
    with tempfile.TemporaryDirectory(prefix="picket-eval-") as folder:
        config = pathlib.Path(folder, "picket.conf")
        config.write_text("[picket]\nstate-directory = %s/state\ninclude = %s/*.conf\n" % (folder, profiles),
                          encoding="utf-8")
        feed = pathlib.Path(folder, "feed.xml")
        feed.write_text(as_feed(reports), encoding="utf-8")
        result = subprocess.run([os.path.join(build, "picketctl"), "--user", "-c", config, "score", "--json", feed],
                                stdout=subprocess.PIPE, check=False)
    if result.returncode > 1:           # 1: nothing matched
        raise SystemExit("picketctl score ended with %d" % result.returncode)
    items = json.loads(result.stdout)["items"]
    if [item["title"] for item in items] != [report.title for report in reports]:
        raise SystemExit("picketctl score did not answer item by item")
    return [{verdict["profile"]: verdict for verdict in item["profiles"]} for item in items]


class Count:
    """Found and right, found and wrong, missed."""

    def __init__(self):
        self.right = self.wrong = self.missed = 0

    def add(self, wanted, found):
        self.right += wanted and found
        self.wrong += found and not wanted
        self.missed += wanted and not found

    @property
    def precision(self):
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self):
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    @property
    def f1(self):
        return 2 * self.right / (2 * self.right + self.wrong + self.missed) if self.right + self.wrong + self.missed else 1.0

    @property
    def is_good(self):
        return self.precision >= PRECISION and self.recall >= RECALL

    def __str__(self):
        return "%9.3f %7.3f %6.3f %6d %6d %6d" % (self.precision, self.recall, self.f1, self.right, self.wrong, self.missed)


def count(reports, verdicts):
    """{profile: {language: Count}}, the sum of the languages under ""."""
    counts = {profile: collections.defaultdict(Count) for profile in PROFILES.values()}
    for report, verdict in zip(reports, verdicts):
        for profile, languages in counts.items():
            for language in ("", report.language):
                languages[language].add(profile in report.profiles, verdict[profile]["matched"])
    return counts


def explain(verdict):
    """The keywords that counted, one a line: points, where, and the expression's beginning."""
    lines = ["    %s of %s%s" % (verdict["score"], verdict["threshold"],
                                "; blocked by " + verdict["blocked_by"][:70] if verdict["blocked_by"] else "")]
    for keyword in verdict["keywords"]:
        expression = keyword["expression"]
        lines.append("    %+7g  %-8s %s" % (keyword["points"], keyword["field"],
                                            keyword["words"] or expression[:80]))
    return "\n".join(lines)


def errors(reports, verdicts):
    """Each wrong verdict as text, by profile."""
    for profile in PROFILES.values():
        for report, verdict in zip(reports, verdicts):
            wanted, found = profile in report.profiles, verdict[profile]["matched"]
            if wanted != found:
                yield "%s %s: %s:%d [%s]\n    %s\n    %s\n%s" % (
                    "missed by" if wanted else "wrongly found by", profile, report.file, report.line, report.language,
                    report.title, report.summary, explain(verdict[profile]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", default="build", help="where picketctl is")
    parser.add_argument("--held", action="store_true", help="measure the reports held back from tuning")
    parser.add_argument("--quiet", action="store_true", help="show no errors")
    parser.add_argument("--profiles", default=ROOT / "config/profiles", type=lambda path: pathlib.Path(path).resolve(),
                        help="folder of other profiles with these names")
    options = parser.parse_args()

    reports = read_reports(options.held)
    verdicts = score(options.build, reports, options.profiles)
    counts = count(reports, verdicts)
    if not (options.held or options.quiet):
        for text in errors(reports, verdicts):
            print(text + "\n")

    print("%-18s %-4s %9s %7s %6s %6s %6s %6s" % ("profile", "", "precision", "recall", "F1", "right", "wrong", "missed"))
    for profile, languages in counts.items():
        for language in sorted(languages):
            print("%-18s %-4s %s" % (profile if not language else "", language or "all", languages[language]))
    print("%d reports; targets: precision %.2f, recall %.2f" % (len(reports), PRECISION, RECALL))
    return 0 if all(languages[""].is_good for languages in counts.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
