# SPDX-License-Identifier: MIT
"""Runs a unit test program over and over, each time with another of its allocations failing.

    python3 tests/torture.py [--build build] [--at N] [--seconds N] [--every N] PROGRAM

An assertion of the test may fail then, for it did not get what it asked for. But the program must not die by a
signal and must end: that is what every place which asks for memory owes. Some of the runs are repeated under
valgrind: nothing may be read or written that was given back. Leaks count where the test passed all the same; a
failed assertion leaps over the test's own cleaning up, so that there they say nothing (tests/unit/top/test-torture.c
counts them for what matters most).

tests/torture.c does the failing. Prints the allocations that did harm and how to see it again (--at N).
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# A program with more allocations than this is sampled evenly.
RUNS_MAX = 400
# What one program may cost; the runs go over the whole program in ever finer steps, so that what the time leaves out
# is spread evenly too.
SECONDS_MAX = 75
# A run that takes longer has hung.
RUN_SECONDS_MAX = 30
# Every so manieth run once more under valgrind, as long as that takes no more than this.
VALGRIND_EVERY = 25
VALGRIND_SECONDS_MAX = 30
VALGRIND_RUN_SECONDS_MAX = 120
VALGRIND = ["valgrind", "-q", "--leak-check=full", "--show-leak-kinds=definite", "--errors-for-leak-kinds=none",
            "--error-exitcode=99", "--child-silent-after-fork=yes", "--soname-synonyms=somalloc=nouserintercepts",
            "--suppressions=" + ROOT + "/tests/valgrind.supp"]
HARM_MAX = 10               # enough to look at

# Programs that run servers or a bus, whose allocations come by chance, or let allocations fail themselves.
SKIPPED = ("bus/test-server", "http/", "top/test-torture")


def library(folder):
    """tests/torture.c, built when it is not there or older."""
    source, path = os.path.join(ROOT, "tests/torture.c"), os.path.join(folder, "torture.so")
    if not os.path.exists(path) or os.path.getmtime(path) < os.path.getmtime(source):
        # several programs are tortured at once: whoever is ready moves a whole file into place
        half = "%s.%d" % (path, os.getpid())
        subprocess.run([os.environ.get("CC", "cc"), "-std=gnu17", "-D_GNU_SOURCE", "-O2", "-g", "-Wall", "-Wextra", "-fPIC",
                        "-shared", "-o", half, source, "-ldl", "-pthread"], check=True)
        os.replace(half, path)
    return path


class Torture:
    def __init__(self, program, preload, folder):
        self.program, self.preload, self.folder = program, preload, folder

    def run(self, at, wrapper=(), seconds_max=RUN_SECONDS_MAX):
        """(exit status, negative for a signal, None when it hung; output; allocations; was the one reached)."""
        report = os.path.join(self.folder, "report")
        if os.path.exists(report):
            os.unlink(report)
        env = dict(os.environ, TORTURE_PROGRAM=self.program, TORTURE_AT=str(at), TORTURE_REPORT=report,
                   LD_PRELOAD=self.preload, LC_ALL="C.UTF-8", TZ="UTC")
        process = subprocess.Popen([*wrapper, self.program], cwd=ROOT, env=env, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            output, _ = process.communicate(timeout=seconds_max)
            status = process.returncode
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, _ = process.communicate()
            status = None
        if os.path.exists(report + ".folders"):
            with open(report + ".folders") as f:
                for path in f.read().splitlines():
                    shutil.rmtree(path, ignore_errors=True)
            os.unlink(report + ".folders")
        counted, reached = 0, False
        if os.path.exists(report):
            with open(report) as f:
                words = f.read().split()
            if len(words) == 2:
                counted, reached = int(words[0]), words[1] == "1"
        return status, output.decode("utf-8", "replace"), counted, reached


def spread(n):
    """1 ... n, the whole range first in coarse steps, then in between."""
    step = 1
    while step < n:
        step *= 2
    seen = set()
    while step >= 1:
        for i in range(step, n + 1, step):
            if i not in seen:
                seen.add(i)
                yield i
        step //= 2


def judge(status, output):
    """What was wrong with a run, or None. A framework that catches signals says so in its output."""
    if status is None:
        return "hung"
    if status < 0:
        return "killed by " + signal.Signals(-status).name
    caught = re.search(r"Test failed with exception: (.*)", output)
    return caught.group(1) if caught else None


def judge_valgrind(status, output):
    wrong = judge(status, output)
    if wrong:
        return wrong
    if re.search(r"==\d+== (Invalid|Conditional jump|Use of uninit|Mismatched|Syscall param)", output):
        return "valgrind"
    if status == 99 or (status == 0 and "definitely lost" in output):
        return "valgrind: lost memory"
    return None


def main():
    parser = argparse.ArgumentParser(description="Lets every allocation of a unit test program fail once.")
    parser.add_argument("--build", default="build", help="where the library that does it is built")
    parser.add_argument("--at", type=int, help="let this one fail, show what happens")
    parser.add_argument("--seconds", type=float, default=SECONDS_MAX)
    parser.add_argument("--every", type=int, default=VALGRIND_EVERY, help="how many runs for one under valgrind")
    parser.add_argument("program")
    options = parser.parse_args()

    program = os.path.abspath(options.program)
    if any(part in program for part in ("/tests/unit/" + s for s in SKIPPED)):
        print("skipped: it has servers of its own, or lets allocations fail itself")
        return 0

    os.makedirs(options.build, exist_ok=True)
    preload = os.path.abspath(library(options.build))
    with tempfile.TemporaryDirectory(prefix="picket-torture-") as folder:
        torture = Torture(program, preload, folder)
        if options.at is not None:
            status, output, counted, reached = torture.run(options.at, VALGRIND, VALGRIND_RUN_SECONDS_MAX)
            print(output)
            print("status %s, %d allocations, %s" % (status, counted, "failed" if reached else "not reached"))
            return 0

        status, output, n, _ = torture.run(0)
        if status != 0 or n == 0:
            print("fails without torture (status %s):\n%s" % (status, output))
            return 1

        start, n_runs, n_valgrind, valgrind_seconds, harm = time.monotonic(), 0, 0, 0.0, []
        stride = max(1, -(-n // RUNS_MAX))
        for i in spread(-(-n // stride)):
            if time.monotonic() - start > options.seconds + valgrind_seconds or len(harm) >= HARM_MAX:
                break
            at = min(n, i * stride)
            status, output, _, _ = torture.run(at)
            n_runs += 1
            wrong = judge(status, output)
            if wrong is None and n_runs % options.every == min(3, options.every - 1) and valgrind_seconds < VALGRIND_SECONDS_MAX:
                begun = time.monotonic()
                status, output, _, _ = torture.run(at, VALGRIND, VALGRIND_RUN_SECONDS_MAX)
                valgrind_seconds += time.monotonic() - begun
                n_valgrind += 1
                wrong = judge_valgrind(status, output)
            if wrong:
                harm.append(at)
                print("allocation %d of %d: %s\n%s" % (at, n, wrong, output[-3000:]))

    print("%d allocations, %d failed once each, %d of them under valgrind; %d did harm" % (n, n_runs, n_valgrind, len(harm)))
    if harm:
        print("again: python3 tests/torture.py --at %d %s" % (harm[0], options.program))
    return 1 if harm else 0


if __name__ == "__main__":
    sys.exit(main())
