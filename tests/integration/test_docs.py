# SPDX-License-Identifier: MIT
"""What the documentation shows is so: its examples are run, its lists held against the programs' own."""

import os
import re
import shlex
import subprocess
import unittest

from harness import FILLER, ROOT, Answer, PicketTest, item, rss
from harness import page as article

PAGES = sorted((ROOT / "docs").glob("*.[158]"))
README = (ROOT / "README.md").read_text(encoding="utf-8")
# The pages that are read by machine: those of the programs.
PROGRAMS = {"picketd": "picketd.8", "picketctl": "picketctl.1", "picket-notify": "picket-notify.1"}
SECTION = re.compile(r"^\[(picket|feed|profile|sink)(?: (\S+))?\]$", re.M)


def page(name):
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def plain(roff):
    """Without what troff takes out of a line: escapes, fonts, and the requests of a font."""
    text = re.sub(r"\\f[BIRP]", "", roff).replace("\\&", "").replace("\\-", "-").replace("\\(bu", "*").replace("\\e", "\\")
    lines = []
    for line in text.splitlines():
        match = re.match(r"\.(B|I|BR|RB|BI|IB|RI|IR|SS|SH) (.*)", line)
        if match:
            words = shlex.split(match.group(2).replace("'", "\\'"))
            line = (" " if match.group(1) in ("B", "I", "SS", "SH") else "").join(words)
        lines.append(line)
    return "\n".join(lines)


def examples(roff):
    """What stands between .EX and .EE."""
    return [plain(text) for text in re.findall(r"^\.EX\n(.*?)^\.EE$", roff, re.M | re.S)]


def blocks(kind):
    return re.findall(r"```%s\n(.*?)```" % kind, README, re.S)


def commands(program, text):
    """The command lines of @program in @text, without comments."""
    return [re.sub(r"\s+#.*", "", line) for line in re.findall(r"^(?:sudo )?(%s .*)$" % program, text, re.M)]


class Docs(PicketTest):
    def check_example(self, text):
        """As a file of its own, with the sections that it names but does not have."""
        present = {match.groups() for match in SECTION.finditer(text)}
        missing = {("sink", name) for value in re.findall(r"^sinks = (.*)$", text, re.M) for name in value.split()}
        missing |= {("profile", name) for value in re.findall(r"^profiles = (.*)$", text, re.M) for name in value.split()}
        bodies = {"sink": "type = desktop", "profile": "keyword = 10 example"}
        added = ["[%s %s]\n%s\n" % (kind, name, bodies[kind]) for kind, name in sorted(missing - present)]
        self.config.write_text(text + "\n" + "\n".join(added), encoding="utf-8")
        with self.subTest(text[:60]):
            checked = self.ctl("check", "--json", status=None)
            self.assertEqual((checked.status, checked.json["errors"]), (0, []), str(checked))

    # --- configuration ---

    def test_configuration_examples(self):
        found = blocks("ini") + [text for text in examples(page("picket.conf.5")) if SECTION.search(text)]
        self.assertGreaterEqual(len(found), 3)
        for text in found:
            self.check_example(text)

    def test_configuration_in_shell_examples(self):
        found = re.findall(r"<<'END'\n(.*?)^END$", "\n".join(blocks("sh")), re.M | re.S)
        self.assertGreaterEqual(len(found), 2)
        for text in found:
            self.check_example(text)

    def test_shipped_examples(self):
        """The sinks in comments, each with its comment signs taken away."""
        text = (ROOT / "config/sinks/examples.conf").read_text(encoding="utf-8")
        found = re.findall(r"(?:^; .*\n)+", text, re.M)
        self.assertGreaterEqual(len(found), 3)
        for example in found:
            self.check_example(re.sub(r"(?m)^; ", "", example))

    def test_shipped_configuration(self):
        names = ("picket.conf", "feeds/*.conf", "profiles/*.conf", "sinks/*.conf")
        self.config.write_text("[picket]\n" + "".join("include = %s\n" % (ROOT / "config" / name) for name in names))
        checked = self.ctl("check", "--json").json
        self.assertEqual(sorted(profile["name"] for profile in checked["profiles"]),
                         sorted(path.stem for path in (ROOT / "config/profiles").glob("*.conf")))

    # --- programs ---

    def test_verbs(self):
        usage = self.ctl("--help").stdout
        manual = plain(page("picketctl.1"))
        verbs = re.findall(r"^  ([a-z]+)(?: .*)?$", usage.split("Options:")[0], re.M)
        self.assertIn("score", verbs)
        for verb in verbs:
            self.assertRegex(manual, r"(?m)^%s( |$)" % verb, "picketctl.1 lacks a verb of --help")
        for line in commands("picketctl", README):
            self.assertIn(line.split()[1], verbs, line)
        for text in examples(page("picketctl.1")):
            for verb in re.findall(r"\bpicketctl ([a-z]+)", text):
                self.assertIn(verb, verbs, text)

    def test_options(self):
        for program, name in PROGRAMS.items():
            usage = self.run_program(program, "--help").stdout
            manual = plain(page(name))
            options = set(re.findall(r"(?<![\w-])(--[a-z][a-z-]*|-[a-z])\b", usage))
            self.assertIn("--help", options)
            for option in options:
                with self.subTest(program=program, option=option):
                    self.assertRegex(manual, r"(?<![\w-])%s\b" % option)
            # and none that there is not
            described = re.findall(r"^\.TP\n(.*)$", page(name), re.M)
            for option in re.findall(r"(?<![\w-])(--[a-z][a-z-]*)", "\n".join(map(plain, described))):
                with self.subTest(program=program, described=option):
                    self.assertIn(option, options)

    def test_command_lines_of_readme(self):
        """What needs no daemon and no network is run as it stands."""
        self.config.write_text("\n".join(blocks("ini")), encoding="utf-8")
        scores = [line for line in commands("picketctl score", README) if "http" not in line]
        self.assertTrue(scores)
        for line in scores:
            result = self.ctl(*shlex.split(line)[1:], "--json")
            self.assertTrue(result.json["items"][0]["profiles"][0]["matched"], line)
            shown = self.ctl(*shlex.split(line)[1:]).stdout
            for keyword in result.json["items"][0]["profiles"][0]["keywords"]:
                self.assertIn("%+g  %s" % (keyword["points"], keyword["expression"]), shown)

    def test_word_forms_of_readme(self):
        match = re.search(r"`KFOR` also finds (.*?)\. ", README.replace("\n", " "))
        self.config.write_text("[profile kfor]\nkeyword = 10 KFOR\n", encoding="utf-8")
        forms = re.findall(r"`(.*?)`", match.group(1))
        self.assertGreaterEqual(len(forms), 3)
        for form in forms:
            self.ctl("score", "--title", "About %s today" % form)

    def test_json_shapes(self):
        """The members shown in picketctl.1 are those that come out, all of them."""
        server = self.serve()
        server.route("/feed", body=rss(item("KFOR stays", guid="1")), content_type="application/rss+xml")
        server.route("/hook", [Answer(500)])
        limited = self.serve()
        limited.route("/", [Answer(429)])
        self.configure(feeds=[("one", server.url("/feed"), "full-text = never"), ("two", limited.url("/"))],
                       receiver=server.url("/hook"), sinks="[sink warns]\ntype = webhook\nurl-credential = none")
        (self.folder / "page.html").write_text(article("KFOR stays.\n" + FILLER), encoding="utf-8")
        (self.folder / "list.opml").write_text('<opml><body><outline text="a" xmlUrl="https://example.org/"/></body></opml>')
        self.once()
        manual = page("picketctl.1")
        for verb, arguments in {"check": (), "article": (self.folder / "page.html",), "score": ("--title", "KFOR"), "status": (),
                                "feeds": (), "alerts": (), "outbox": (), "test": ("hook",), "export": (),
                                "import": (self.folder / "list.opml",), "discover": (server.url("/feed"),)}.items():
            section = re.search(r'^\.SS "?%s\b.*?\n(.*?)(?=^\.SS|^\.SH)' % verb, manual, re.M | re.S).group(1)
            shape = set(re.findall(r'"([a-z_]+)"', examples(section)[0]))
            answer = self.ctl(verb, *arguments, "--json", status=None).json
            if verb == "status":                # its feeds are shown with the next verb
                answer["feeds"] = []
            if verb == "alerts":                # and its keywords with score
                answer["alerts"][0]["keywords"] = []
            with self.subTest(verb):
                self.assertEqual(self.names(answer), shape)

    def names(self, value):
        if isinstance(value, dict):
            return set(value).union(*map(self.names, value.values()))
        return set().union(*map(self.names, value)) if isinstance(value, list) else set()

    # --- the journal ---

    def test_message_ids(self):
        header = (ROOT / "daemon/base/message-ids.h").read_text(encoding="utf-8")
        declared = set(re.findall(r'"([0-9a-f]{32})"', header))
        self.assertTrue(declared)
        self.assertEqual(set(re.findall(r"^\.B ([0-9a-f]{32})$", page("picketd.8"), re.M)), declared)
        for text in [README, *map(lambda p: p.read_text(encoding="utf-8"), PAGES)]:
            self.assertLessEqual(set(re.findall(r"\b[0-9a-f]{32}\b", text)), declared)

    def test_journal_fields(self):
        """The fields that are logged are those in picketd.8, and examples use no other."""
        logged = set()
        for path in (ROOT / "daemon").rglob("*.c"):
            logged |= set(re.findall(r'\{ "(PICKET_[A-Z_]+)",', path.read_text(encoding="utf-8")))
        table = re.search(r"^\.TS\n(.*?)^\.TE$", page("picketd.8"), re.M | re.S).group(1)
        described = set(re.findall(r"^(PICKET_[A-Z_]+)\|", table, re.M))
        self.assertEqual(described, logged)
        self.assertLessEqual(set(re.findall(r"\b(PICKET_[A-Z_]+)=", README + page("picketd.8"))), described)

    def test_catalog_names_only_what_there_is(self):
        catalog = (ROOT / "units/picketd.catalog").read_text(encoding="utf-8").replace("\n", " ")
        verbs = re.findall(r"^  ([a-z]+)", self.ctl("--help").stdout.split("Options:")[0], re.M)
        for verb in re.findall(r"picketctl ([a-z]+)", catalog):
            self.assertIn(verb, verbs)

    # --- the pages themselves ---

    def test_pages_are_sound(self):
        for path in PAGES:
            with self.subTest(path.name):
                result = subprocess.run(["man", "-l", "--warnings", "-Tutf8", str(path)], check=False, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, env={**os.environ, "MANROFFSEQ": "", "LC_ALL": "C.UTF-8",
                                                                     "MANWIDTH": "80", "MAN_KEEP_FORMATTING": "1"})
                self.assertEqual((result.returncode, result.stderr.decode()), (0, ""))
                self.assertIn("SYNOPSIS" if path.suffix != ".5" else "DESCRIPTION", re.sub(".\b|\x1b\\[[0-9;]*m", "", result.stdout.decode()))

    def test_links_between_pages(self):
        own = {path.name.rpartition(".")[0]: path.suffix[1:] for path in PAGES}
        for text in [README, *(plain(p.read_text(encoding="utf-8")) for p in PAGES)]:
            for name, number in re.findall(r"\b((?:org\.)?picket[\w.-]*)\((\d)\)", text, re.I):
                self.assertEqual(own.get(name), number, "%s(%s)" % (name, number))

    def test_files_that_are_named(self):
        """hacking.md and the README name files of the tree that are there."""
        for text in (README, (ROOT / "docs/hacking.md").read_text(encoding="utf-8")):
            for name in re.findall(r"`((?:daemon|docs|tests|units|config|\.ci)/[\w./-]+\w)`", text):
                self.assertTrue("NAME" in name or (ROOT / name).exists(), name)


if __name__ == "__main__":
    unittest.main()
