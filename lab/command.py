"""The command lab/run: options, progress, and where the results go."""

import argparse
import json
import os
import shlex
import signal
import subprocess
import sys
import threading
import time

import calling
import calls_short
import learning
import modes as mode_table
import probing
import report
import short_set
import systems as system_table
from call_people import CALL_SYSTEMS
from lab import Lab
from measure import Plan
from runner import Runner
from topology import lacking, remove_leftovers, remove_own
from wire import censor_program

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
EXIT_SKIPPED = 77  # ctest's SKIP_RETURN_CODE


def parser_of(about):
    """The options."""
    parser = argparse.ArgumentParser(prog="lab/run", description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--modes", help="names, separated by commas (default: all)")
    add("--systems", help="names, separated by commas (default: all that are installed)")
    add("--runs", type=int, default=3, help="fresh starts per cell (default: %(default)s)")
    add("--long", type=float, default=600, metavar="S", help="how long the first failing run waits (default: %(default)s)")
    add("--jobs", type=int, default=36, help="labs at the same time (default: %(default)s)")
    add("--seed", type=int, default=1, help="of the censor's dice (default: %(default)s)")
    add("--short", action="store_true", help="a few cells, with what must come out: for make test")
    add("--out", default=os.path.join(ROOT, "build", "lab"), metavar="DIR", help="for lab.json and lab.html (default: build/lab)")
    add("--keep", action="store_true", help="keep the rows in --out that are not measured now, and report on all")
    add("--list", action="store_true", help="print modes and systems")
    add("--install", action="store_true", help="install the peers' packages (lab/packages.txt)")
    add("--up", action="store_true", help="lay the hosts out, print how to get into them, take them away at the input's end")
    add("--probe", type=int, metavar="N", help="probe a home N times in each form beside a plain nginx, and print what differs")
    add("--learn", type=int, metavar="N", help="mode 18: N starts by each carrier beside a crowd, a model, and what it finds")
    add("--calls", action="store_true", help="calls between two browsers under each mode, beside plain WebRTC: a table, and calls.json in --out")
    add("--verbose", action="store_true", help="tell why a cell could not be measured")
    return parser


def kept_rows(options, measured):
    """The rows of an earlier run in --out that stay, with --keep."""
    path = os.path.join(options.out, "lab.json")
    if not options.keep or not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        return [row for row in json.load(file) if (row["mode"], row["system"]) not in measured]


def with_kept(kept, rows, modes, systems):
    """All rows, and the modes and systems that they are of, in the order of the tables."""
    rows = kept + rows
    has = {key: {row[key] for row in rows} | {each.name for each in chosen} for key, chosen in (("mode", modes), ("system", systems))}
    return (rows, [mode for mode in mode_table.MODES if mode.name in has["mode"]],
            [system for system in system_table.SYSTEMS if system.name in has["system"]])


def split(text):
    """Names separated by commas."""
    return [each.strip() for each in text.split(",") if each.strip()]


def print_list():
    """What there is."""
    for mode in mode_table.MODES:
        print(f"{mode.number:4} {mode.name:15} {mode.about}")
    print()
    for system in system_table.SYSTEMS:
        missing = system.missing()
        print(f"     {system.name:15} {system.about}" + (f"  (not installed: {', '.join(missing)})" if missing else ""))


def install():
    """What is missing of lab/packages.txt."""
    with open(os.path.join(HERE, "packages.txt"), encoding="utf-8") as file:
        names = [name for line in file for name in line.split("#")[0].split()]
    asked = subprocess.run(["dpkg-query", "-W", "-f", "${db:Status-Status} ${Package}\n", *names], check=False,
                           capture_output=True, encoding="utf-8")
    held = {line.split()[1] for line in asked.stdout.splitlines() if line.startswith("installed ")}
    missing = [name for name in names if name not in held]
    if not missing:
        return 0
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update"], check=False, env=environment)
    return subprocess.run(["apt-get", "install", "-y", "--no-install-recommends", *missing], check=False,
                          env=environment).returncode


def stand_up():
    """A lab to try things in."""
    with Lab() as lab:
        for host in lab.topology.hosts.values():
            side = "inside" if host.inside else "abroad"
            print(f"{side}  {' '.join(lab.topology.prefix(host.name))} bash   # {host.address}  {host.about}")
        print(f"trust: SSL_CERT_FILE={lab.servers.authority.certificate}\n"
              "a line such as `sni-drop:names=home.example` puts that mode in force, an empty line none; Ctrl-D ends", flush=True)
        for line in sys.stdin:
            lab.censor.modes(*line.split())
            print(lab.censor.counters()["modes"], flush=True)
    return 0


def usable(chosen, say):
    """Those whose programs are there."""
    found = []
    for system in chosen:
        missing = system.missing()
        if missing:
            say(f"{system.name}: left out, {', '.join(missing)} not installed (lab/run --install)")
        else:
            found.append(system)
    return found


def call(options, say):
    """Calls; gives the exit code."""
    wanted = calling.chosen(split(options.modes or ""))
    names = split(options.systems or "")
    unknown = set(names) - {system.name for system in CALL_SYSTEMS}
    if unknown:
        raise ValueError(f"nobody calls by {', '.join(unknown)}; there are {', '.join(system.name for system in CALL_SYSTEMS)}")
    systems = [system for system in CALL_SYSTEMS if system.name in names or not names]
    if len(usable(systems, say)) < len(systems):
        return EXIT_SKIPPED
    return calls_short.run(options.seed, say) if options.short else calling.run(wanted, systems, options.out, options.seed, say)


def commit():
    """What was measured."""
    words = ["git", "-C", ROOT, "describe", "--always", "--dirty", "--abbrev=10"]
    done = subprocess.run(words, check=False, capture_output=True, encoding="utf-8")
    return done.stdout.strip() or "unknown"


def measure(options, say):
    """Runs and writes; gives the exit code."""
    if options.short:
        modes, systems, plan = short_set.MODES, short_set.SYSTEMS, short_set.PLAN
    else:
        modes = split(options.modes) if options.modes else [mode.name for mode in mode_table.MODES]
        systems = split(options.systems) if options.systems else [system.name for system in system_table.SYSTEMS]
        plan = Plan(runs=options.runs, long_seconds=options.long)
    chosen_modes, chosen_systems = mode_table.chosen(modes), usable(system_table.chosen(systems), say)
    if not chosen_systems:
        say("no system to measure")
        return EXIT_SKIPPED
    started = time.time()
    os.makedirs(options.out, exist_ok=True)
    kept = kept_rows(options, {(mode.name, system.name) for mode in chosen_modes for system in chosen_systems})
    rows = Runner(chosen_systems, chosen_modes, plan, options.seed, options.jobs, say,
                  lambda so_far: report.write_rows(options.out, kept + so_far)).run()
    rows, chosen_modes, chosen_systems = with_kept(kept, rows, chosen_modes, chosen_systems)
    about = {"commit": commit(), "when": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(started)),
             "seconds": round(time.time() - started), "command": shlex.join(["lab/run", *options.given]), "plan": plan._asdict()}
    report.write(options.out, rows, chosen_modes, chosen_systems, about)
    say(f"{os.path.join(options.out, 'lab.html')} and lab.json, after {about['seconds']} s")
    if options.short:
        return short_set.judge(rows, say)
    return 1 if any("error" in row for row in rows) else 0


def end_at_once(number, _):
    """SIGINT, SIGTERM: the labs' threads may be waiting for minutes, so everything is taken from under them."""
    print(f"lab: ended by signal {number}", file=sys.stderr, flush=True)
    remove_own()
    os._exit(128 + number)


def main(arguments, about):
    """The command; gives the exit code."""
    options = parser_of(about).parse_args(arguments)
    options.given = arguments
    if options.list:
        print_list()
        return 0
    if options.install:
        return install()
    reason = lacking() or ("" if os.access(censor_program(), os.X_OK) else f"needs {censor_program()}: build it first")
    if reason:
        print(f"lab: {reason}", file=sys.stderr)
        return EXIT_SKIPPED
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end_at_once)
    lock = threading.Lock()

    def say(text, detail=False):
        if not detail or options.verbose:
            with lock:
                print(text, flush=True)

    try:
        if options.calls:
            return call(options, say)
        if options.probe:
            return probing.run(options.probe)
        if options.learn:
            return learning.run(options.learn, os.path.join(options.out, "learn"))
        return stand_up() if options.up else measure(options, say)
    except ValueError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 2
    finally:
        remove_leftovers()
