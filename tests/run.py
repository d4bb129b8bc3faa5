# SPDX-License-Identifier: MIT
"""Runs Picket's tests and counts them.

    python3 tests/run.py --build build [--valgrind] [KIND...]

Kinds: unit (cmocka programs), fuzz (kept corpora, each target once), sim (days of polling in an invented world; sim-month
for the long runs, whose figures it prints), integration (Python modules that drive the built programs against loopback
servers), system (systemd booted in a container), torture (every allocation of the
unit tests fails once). Prints what failing tests said and closes with "N passed, N failed, N skipped".
"""

import argparse
import ast
import concurrent.futures
import glob
import os
import re
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VALGRIND = ["valgrind", "-q", "--leak-check=full", "--show-leak-kinds=definite", "--errors-for-leak-kinds=definite",
            "--error-exitcode=99", "--child-silent-after-fork=yes", "--suppressions=" + ROOT + "/tests/valgrind.supp"]
# What tests/sim is run with; each seed is a test. Troubled worlds show rules that are broken, the calm ones the figures.
# The last of the short ones is 24 hours of 500 feeds an hour apart.
SIM_RUNS = {
    "sim": [("--days 7 --feeds 200", 2), ("--calm --days 3 --feeds 100", 1),
            ("--calm --days 1 --feeds 500 --policy 60min", 1)],
    "sim-month": [("--calm --days 30 --feeds 1000", 5), ("--calm --days 30 --feeds 1000 --policy fixed-15min", 1),
                  ("--days 40 --feeds 1000", 5)],
}
# One program or module that takes longer has hung.
TIME_LIMIT = 1500


class Result:
    def __init__(self, name, passed=0, failed=0, skipped=0, output="", reasons=()):
        self.name, self.passed, self.failed, self.skipped = name, passed, failed, skipped
        self.output, self.reasons, self.seconds = output, list(reasons), 0.0


def run(command, env=None):
    """The exit status and all output; 124 for one that hung."""
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, start_new_session=True)
    try:
        output, _ = process.communicate(timeout=TIME_LIMIT)
        return process.returncode, output.decode("utf-8", "replace")
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        output, _ = process.communicate()
        return 124, output.decode("utf-8", "replace") + "\n(no end within %d s)\n" % TIME_LIMIT


def environment(options):
    env = dict(os.environ, PICKET_BUILD=os.path.abspath(options.build), LC_ALL="C.UTF-8", TZ="UTC",
               ASAN_OPTIONS="detect_stack_use_after_return=1:strict_string_checks=1:allocator_may_return_null=1",
               UBSAN_OPTIONS="print_stacktrace=1", PYTHONDONTWRITEBYTECODE="1", PYTHONPATH=os.path.join(ROOT, "tests/integration") + ":" + os.path.join(ROOT, "tests/system"))
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY",
                 "NO_PROXY", "CREDENTIALS_DIRECTORY", "STATE_DIRECTORY", "NOTIFY_SOCKET"):
        env.pop(name, None)
    if options.valgrind:
        env["PICKET_WRAPPER"] = " ".join(VALGRIND)
    return env


def run_unit(path, options):
    name = "unit " + os.path.relpath(path, os.path.join(options.build, "tests/unit"))
    status, output = run((VALGRIND if options.valgrind else []) + [os.path.abspath(path)], environment(options))
    passed = len(re.findall(r"^\[       OK \]", output, re.M))
    failed = len(set(re.findall(r"^\[  FAILED  \] (?!\d+ test)(\S+)", output, re.M)))
    skipped = len(set(re.findall(r"^\[  SKIPPED \] (?!\d+ test)(\S+)", output, re.M)))
    if status != 0 and failed == 0:
        failed = 1          # died, or valgrind or a sanitizer found something
    if passed + failed + skipped == 0:
        failed = 1
    return Result(name, passed, failed, skipped, output if failed or skipped else "",
                  re.findall(r"^\[  SKIPPED \] (?!\d+ test)(\S+)", output, re.M))


def run_fuzz(path, options):
    target = os.path.basename(path)[len("fuzz-"):]
    corpus = os.path.join("tests/fuzz/corpus", target)
    status, output = run([os.path.abspath(path), corpus], environment(options))
    return Result("fuzz " + target, int(status == 0), int(status != 0), 0, output if status else "")


def run_sim(arguments, seed, options, figures):
    status, output = run([os.path.join(os.path.abspath(options.build), "tests/sim/sim"), "--seed", str(seed),
                          *arguments.split()], environment(options))
    if figures and status == 0:
        print(output, flush=True)
    return Result("sim %s, seed %d" % (arguments, seed), int(status == 0), int(status != 0), 0, output if status else "")


def classes(path):
    """The test classes of a module: each is a job of its own, so that a long module holds up nobody."""
    with open(path, encoding="utf-8") as f:
        tree = ast.parse(f.read(), path)
    return [node.name for node in tree.body if isinstance(node, ast.ClassDef)
            and any(isinstance(f, ast.FunctionDef) and f.name.startswith("test_") for f in node.body)]


def run_class(name, options, kind):
    status, output = run([sys.executable, "-m", "unittest", "-v", name], environment(options))
    name = kind + " " + name
    # unittest's own words: "test (id) ... ok", on its line or after the docstring's
    passed = len(re.findall(r"(?:\.\.\. |^)ok$", output, re.M))
    failed = len(re.findall(r"^(?:FAIL|ERROR): ", output, re.M))
    reasons = re.findall(r"skipped ['\"](.*)['\"]$", output, re.M)
    if status != 0 and failed == 0:
        failed = 1
    if passed + failed + len(reasons) == 0:
        failed = 1
    return Result(name, passed, failed, len(reasons), output if failed else "", reasons)


def run_torture(path, options):
    name = "torture " + os.path.relpath(path, os.path.join(options.build, "tests/unit"))
    status, output = run([sys.executable, "tests/torture.py", "--build", options.build, os.path.abspath(path)],
                         environment(options))
    if status == 0 and output.startswith("skipped: "):
        return Result(name, 0, 0, 1, "", [output[len("skipped: "):].strip()])
    return Result(name, int(status == 0), int(status != 0), 0, output if status else "")


def jobs(kind, options):
    if kind == "unit":
        for path in sorted(glob.glob(os.path.join(options.build, "tests/unit/*/test-*"))):
            if os.access(path, os.X_OK) and not path.endswith(".d"):
                yield run_unit, (path, options)
    elif kind == "torture":
        for path in sorted(glob.glob(os.path.join(options.build, "tests/unit/*/test-*"))):
            if os.access(path, os.X_OK) and not path.endswith(".d"):
                yield run_torture, (path, options)
    elif kind == "fuzz":
        for path in sorted(glob.glob(os.path.join(options.build, "tests/fuzz/fuzz-*"))):
            if os.access(path, os.X_OK) and not path.endswith(".d"):
                yield run_fuzz, (path, options)
    elif kind in SIM_RUNS:
        for arguments, n in SIM_RUNS[kind]:
            for seed in range(1, n + 1):
                yield run_sim, (arguments, seed, options, kind == "sim-month")
    else:
        for path in sorted(glob.glob(os.path.join(ROOT, "tests", kind, "test_*.py"))):
            for name in classes(path):
                yield run_class, (os.path.basename(path)[:-len(".py")] + "." + name, options, kind)


def timed(function, arguments):
    start = time.monotonic()
    result = function(*arguments)
    result.seconds = time.monotonic() - start
    return result


def report(r, totals):
    print("%-44s %4d passed %3d failed %3d skipped %7.1f s" % (r.name, r.passed, r.failed, r.skipped, r.seconds), flush=True)
    for reason in r.reasons:
        print("    skipped: " + reason)
    if r.output and r.failed:
        print(r.output, flush=True)
    for i, n in enumerate((r.passed, r.failed, r.skipped)):
        totals[i] += n


def main():
    parser = argparse.ArgumentParser(description="Runs Picket's tests.")
    parser.add_argument("--build", default="build")
    parser.add_argument("--valgrind", action="store_true")
    parser.add_argument("--jobs", type=int, help="at a time; else one for each processor, and two where tests wait")
    parser.add_argument("--match", default="", help="only tests whose name holds this")
    parser.add_argument("kinds", nargs="*", default=["unit", "fuzz", "integration"])
    options = parser.parse_args()

    totals = [0, 0, 0]
    for kind in options.kinds:
        # integration tests wait for timers most of their time, but not when Valgrind runs the programs
        n_jobs = options.jobs or (os.cpu_count() or 1) * (2 if kind == "integration" and not options.valgrind else 1)
        with concurrent.futures.ThreadPoolExecutor(n_jobs) as pool:
            for future in [pool.submit(timed, f, a) for f, a in jobs(kind, options) if options.match in str(a[0])]:
                report(future.result(), totals)

    print("\n%d passed, %d failed, %d skipped" % tuple(totals))
    return 1 if totals[1] or totals[0] == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
