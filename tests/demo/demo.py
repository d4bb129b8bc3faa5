# SPDX-License-Identifier: MIT
"""The main job, shown: a sample feed on loopback, the real picketd with the shipped profiles, a webhook receiver.

    python3 tests/demo/demo.py --build build

Needs no internet and no set-up, and keeps nothing.
"""

import argparse
import base64
import email.utils
import hashlib
import hmac
import http.server
import json
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SECRET = base64.b64encode(os.urandom(32)).decode()
NOISE = 5
# Far more than it takes; a demo that hangs helps nobody.
PATIENCE = 40


class Newspaper(http.server.ThreadingHTTPServer):
    """Serves the feed and its article, and takes webhooks."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.base = "http://127.0.0.1:%d" % self.server_address[1]
        self.changed = threading.Condition()
        self.posts, self.polls, self.pages, self.edition = [], 0, 0, 1
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def feed(self):
        with open(os.path.join(HERE, "feed.xml"), encoding="utf-8") as f:
            text = f.read()
        # the second edition comes re-dated and with other guids: nothing new, for whoever looks closely
        return (text.replace("@BASE@", self.base).replace("gazette-", "gazette-edition-%d-" % self.edition)
                .replace("@NOW@", email.utils.formatdate(usegmt=True))).encode()

    def wait(self, condition, what):
        with self.changed:
            if not self.changed.wait_for(condition, timeout=PATIENCE):
                raise SystemExit("The demo waited in vain for " + what)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, content_type, body):
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        paper = self.server
        if self.path == "/feed.xml":
            self.answer("application/rss+xml", paper.feed())
            with paper.changed:
                paper.polls += 1
                paper.changed.notify_all()
        elif self.path == "/world/washington-kosovo":
            paper.pages += 1
            with open(os.path.join(HERE, "article.html"), "rb") as f:
                self.answer("text/html", f.read())
        else:
            self.send_error(404)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        signed = "%s.%s." % (self.headers["webhook-id"], self.headers["webhook-timestamp"])
        mac = hmac.new(base64.b64decode(SECRET), signed.encode() + body, hashlib.sha256).digest()
        genuine = self.headers["webhook-signature"] == "v1," + base64.b64encode(mac).decode()
        self.answer("text/plain", b"ok")
        with self.server.changed:
            self.server.posts.append((json.loads(body), genuine))
            self.server.changed.notify_all()

    def log_message(self, *_):
        pass


def configure(folder, base):
    path = os.path.join(folder, "picket.conf")
    with open(os.path.join(folder, "secret"), "w", encoding="ascii") as f:
        f.write("whsec_" + SECRET)
    with open(path, "w", encoding="utf-8") as f:
        f.write(textwrap.dedent("""\
            [picket]
            state-directory = %s/state
            include = %s/config/profiles/*.conf
            sinks = receiver
            contact = https://example.org/picket
            allow-private = yes

            [feed gazette]
            url = %s/feed.xml
            interval = 1h

            [sink receiver]
            type = webhook
            format = json
            url = %s/hook
            secret-file = %s/secret
            """) % (folder, ROOT, base, base, folder))
    return path


def show_alerts(paper, document):
    bodies = {post["profile"]["name"]: (post, genuine) for post, genuine in paper.posts}
    for alert in document["alerts"]:
        post, genuine = bodies[alert["profile"]["name"]]
        print("\n  \x1b[1m%s\x1b[0m" % alert["profile"]["title"] if sys.stdout.isatty() else
              "\n  " + alert["profile"]["title"])
        print("    %s" % post["story"]["title"])
        for line in textwrap.wrap("why: " + alert["reason"], 100):
            print("    " + line)
        print("    posted: %s %s, %d bytes, score %s of %s, signature %s" % (
            post["type"], post["id"], len(json.dumps(post)), post["score"], post["threshold"],
            "verified" if genuine else "WRONG"))


def ctl(options, config, *arguments):
    result = subprocess.run([os.path.join(options.build, "picketctl"), "--user", "-c", config, *arguments],
                            stdout=subprocess.PIPE, check=True)
    return result.stdout


def demo(options, folder):
    paper = Newspaper()
    config = configure(folder, paper.base)
    print("A newspaper at %s publishes six items: one report, and %d that only look like it." % (paper.base, NOISE))
    print("picketd polls it with the shipped profiles and posts alerts to a webhook.\n")

    log = open(os.path.join(folder, "log"), "w+", encoding="utf-8")
    picketd = subprocess.Popen([os.path.join(options.build, "picketd"), "--user", "-c", config], stderr=log)
    try:
        paper.wait(lambda: len(paper.posts) >= 3, "three alerts")
        document = json.loads(ctl(options, config, "alerts", "--json"))
        print("Three profiles alerted, for reasons found in headline, lead and article page:")
        show_alerts(paper, document)

        paper.edition, before = 2, paper.polls
        ctl(options, config, "poll", "gazette")
        paper.wait(lambda: paper.polls > before, "the second poll")
        deadline = time.monotonic() + PATIENCE
        while json.loads(ctl(options, config, "status", "--json"))["polling"]:
            if time.monotonic() > deadline:
                raise SystemExit("The demo waited in vain for the end of the second poll")
        status = json.loads(ctl(options, config, "status", "--json"))
        if status["store"]["alerts"] != 3 or status["queue"]["pending"] or len(paper.posts) != 3:
            raise SystemExit("The second poll was not silent: %s" % json.dumps(status))
        print("\nThe %d other items (football, a television station, oil, a trade fair, another summit) alerted nobody;"
              % NOISE)
        print("the article page was fetched %d time." % paper.pages)
        print("Second poll, all items re-dated and with new guids: silent, still %d alerts and %d posts." % (
            status["store"]["alerts"], len(paper.posts)))
    except BaseException:
        log.seek(0)
        sys.stderr.write("picketd said:\n" + log.read())
        raise
    finally:
        picketd.terminate()
        picketd.wait()
    print("\nTo run Picket on the live feeds it ships, alerts in this terminal, until Ctrl-C:\n")
    print("    %s/picketd --user -c tests/demo/live.conf" % options.build)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", default="build")
    options = parser.parse_args()

    # picketctl reaches picketd over a bus of the demo's own
    if "PICKET_DEMO_BUS" not in os.environ and shutil.which("dbus-run-session"):
        os.environ["PICKET_DEMO_BUS"] = "1"
        os.execvp("dbus-run-session", ["dbus-run-session", "--", sys.executable] + sys.argv)

    with tempfile.TemporaryDirectory(prefix="picket-demo-") as folder:
        demo(options, folder)


if __name__ == "__main__":
    main()
