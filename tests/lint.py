# SPDX-License-Identifier: MIT
"""House rules and static analysis: formatting, layers, licence lines, clang-tidy, cppcheck.

    python3 tests/lint.py [--build build] [--quick]

--quick leaves clang-tidy and cppcheck out.
"""

import argparse
import concurrent.futures
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
COLUMNS = 100

# What cppcheck cannot judge in this dialect: it knows neither the cleanup attribute nor GNU's "?:", and gives up on a
# file where it meets them in the wrong place. Leaks are clang's analyser's, ASan's and Valgrind's to find.
CPPCHECK_BLIND = ("missingIncludeSystem", "memleak", "selfAssignment", "internalAstError", "syntaxError", "unknownMacro",
                  "constStatement", "nullPointerRedundantCheck")

# Which folders of daemon/ a folder may include, beside itself. "" is daemon/ itself.
LOWER = {"base": set(), "model": {"base"}, "text": {"base", "model"}, "settings": {"base", "model", "text"},
         "http": {"base", "model", "text"}}
LAYERS = set(LOWER)
STAGES = {"poll", "feed", "article", "match", "story", "store", "deliver", "bus"}
TOP = {"pipeline.h", "pipeline-internal.h", "manager.h", "report.h", "configuration.h"}


def tracked(*patterns):
    output = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns],
                            cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout.decode()
    return [path for path in output.splitlines() if os.path.exists(os.path.join(ROOT, path))]


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8", errors="surrogateescape") as f:
        return f.read()


def allowed(folder, target):
    """May a file of daemon/@folder include @target ("stage/file.h" or "file.h")?"""
    other = os.path.dirname(target)
    if other == folder:
        return True
    if folder in LAYERS:
        return other in LOWER[folder]
    if folder in STAGES:
        return other in LAYERS
    if folder == "notify":                       # the agent: a client of the bus
        return other in LAYERS | {"bus"}
    if folder == "ctl":
        return True
    return other != "ctl" or folder == ""        # pipeline, manager, programs


def check_layers():
    for path in tracked("daemon/*.c", "daemon/*.h"):
        folder = os.path.dirname(path)[len("daemon/"):]
        for number, line in enumerate(read(path).splitlines(), 1):
            match = re.match(r'#include "([^"]+)"', line)
            if not match:
                continue
            target = match.group(1)
            if not os.path.exists(os.path.join(ROOT, "daemon", target)):
                yield "%s:%d: includes '%s', which is not below daemon/" % (path, number, target)
            elif not allowed(folder, target):
                yield "%s:%d: %s/ may not include '%s'" % (path, number, folder, target)


def check_text():
    for path in tracked("*.c", "*.h", "*.py", "Makefile", "*.mk", "*.conf", "*.service", ".ci/run"):
        if path.startswith(("tests/corpus/", "tests/fuzz/corpus/", "tests/demo/live.conf")):
            continue
        text = read(path)
        if "SPDX-License-Identifier: MIT" not in text[:400]:
            yield "%s: no SPDX line" % path
        for number, line in enumerate(text.splitlines(), 1):
            if path.endswith((".c", ".h")):
                if "\t" in line:
                    yield "%s:%d: a tab" % (path, number)
                # a message is not cut, so that it can be searched for
                if len(line) > COLUMNS and not re.search(r'"[^"]{40,}', line):
                    yield "%s:%d: %d columns" % (path, number, len(line))
            if line.rstrip() != line:
                yield "%s:%d: trailing white space" % (path, number)


def check_size():
    for path in tracked("daemon/*.c"):
        lines = read(path).count("\n")
        if lines > 1000:
            yield "%s: %d lines; cut it along a natural seam" % (path, lines)


def check_format():
    files = tracked("*.c", "*.h")
    result = subprocess.run(["clang-format", "--dry-run", "-Werror", *files], cwd=ROOT, stderr=subprocess.PIPE, check=False)
    for line in result.stderr.decode().splitlines():
        if "error:" in line:
            yield line


def flags(build):
    """The compiler's flags, as make has them."""
    packages = ["libcurl", "zlib", "libbrotlidec", "libzstd", "libxml-2.0", "libsystemd", "sqlite3", "jansson", "libpsl", "libutf8proc", "libcrypto", "libnotify"]
    cflags = subprocess.run(["pkg-config", "--cflags", *packages], check=True, stdout=subprocess.PIPE).stdout.decode().split()
    return ["-std=gnu17", "-D_GNU_SOURCE", "-Idaemon", "-I" + build + "/gen", '-DPICKET_VERSION="0"', '-DPICKET_PREFIX="/usr"', *cflags]


def tidy(path, options):
    result = subprocess.run(["clang-tidy", "--quiet", path, "--", *flags(options.build)], cwd=ROOT,
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return [line for line in result.stdout.decode().splitlines() if "error:" in line or "warning:" in line]


def check_tidy(options):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for lines in pool.map(lambda path: tidy(path, options), tracked("daemon/*.c")):
            yield from lines


def check_cppcheck(options):
    result = subprocess.run(
        ["cppcheck", "--quiet", "--std=c11", "--enable=warning,performance,portability", "--inline-suppr",
         *("--suppress=" + name for name in CPPCHECK_BLIND), "-D_GNU_SOURCE", "-DPICKET_VERSION=\"0\"", "-DPICKET_PREFIX=\"/usr\"", "-Idaemon",
         "-j", str(os.cpu_count()),
         "--template={file}:{line}: {severity}: {message} [{id}]", "daemon"],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    yield from (line for line in result.stderr.decode().splitlines() if line and not line.startswith("nofile"))


def main():
    parser = argparse.ArgumentParser(description="Checks the house rules.")
    parser.add_argument("--build", default="build")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()

    checks = [("layers", check_layers()), ("text", check_text()), ("size", check_size()), ("format", check_format())]
    if not options.quick:
        checks += [("cppcheck", check_cppcheck(options)), ("clang-tidy", check_tidy(options))]

    n_bad = 0
    for name, findings in checks:
        findings = list(findings)
        print("lint %-10s %s" % (name, "ok" if not findings else "%d findings" % len(findings)), flush=True)
        for finding in findings:
            print("    " + finding)
        n_bad += len(findings)
    return 1 if n_bad else 0


if __name__ == "__main__":
    sys.exit(main())
