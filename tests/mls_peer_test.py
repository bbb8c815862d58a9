"""src/mls against ts-mls, message by message: selftest.mjs of the ts-mls-peer folder with mls-peer in either role."""

import fcntl
import hashlib
import os
import shlex
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from world import main

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(os.environ.get("GODWIT_BIN", ROOT / "build" / "release" / "bin"))
SHARED = Path(os.environ.get("GODWIT_SHARED", ROOT.parent / "shared"))
DRIVER = SHARED / "interop" / "ts-mls-peer"
SUITES = ("3", "84", "1")
SECONDS_TO_INSTALL = 120
SECONDS_A_ROLE = 120
OURS = shlex.quote(str(BIN / "mls-peer"))


def skip(reason):
    """Ends the test as one that could not run."""
    raise unittest.SkipTest(f"SKIPPED: mls-peer against ts-mls: {reason}")


def installed():
    """A folder outside the source tree with the driver and its npm packages; made once for each package-lock.json."""
    if not (DRIVER / "selftest.mjs").is_file():
        skip(f"{DRIVER} is not there; set GODWIT_SHARED to run")
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            skip(f"{program} is not installed (Debian: apt-get install nodejs npm, or NodeSource's nodejs 20)")
    text = b"".join((DRIVER / name).read_bytes() for name in ("package.json", "package-lock.json"))
    cache = BIN.parent / "ts-mls-peer" / hashlib.sha256(text).hexdigest()[:16]
    cache.parent.mkdir(parents=True, exist_ok=True)
    with open(cache.parent / "lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (cache / "installed").exists():
            shutil.rmtree(cache, ignore_errors=True)
            cache.mkdir()
            for name in ("package.json", "package-lock.json"):
                shutil.copyfile(DRIVER / name, cache / name)
            install(cache)
            (cache / "installed").touch()
    return cache


def install(folder):
    """npm ci, without running anything of the packages."""
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False,
                              stdin=subprocess.DEVNULL, timeout=SECONDS_TO_INSTALL)
    except subprocess.TimeoutExpired:
        skip(f"npm ci did not end within {SECONDS_TO_INSTALL} s")
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if "error" in line.lower()]
        skip(f"npm ci failed: {(lines or ['it does not say why'])[0].strip()}")


class TsMls(unittest.TestCase):
    """The driver in a folder of its own, beside the installed packages."""

    def setUp(self):
        packages = installed()
        self.folder = Path(tempfile.mkdtemp(prefix="godwit-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        for source in DRIVER.glob("*.mjs"):
            shutil.copyfile(source, self.folder / source.name)
        shutil.copyfile(DRIVER / "package.json", self.folder / "package.json")
        (self.folder / "node_modules").symlink_to(packages / "node_modules")

    def run_selftest(self, **peers):
        """All suites with these roles ours; prints what the driver says."""
        done = subprocess.run(["node", "selftest.mjs", *SUITES], cwd=self.folder, env={**os.environ, **peers},
                              capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
                              timeout=SECONDS_A_ROLE)
        for line in done.stdout.splitlines():
            if line.startswith("suite "):
                print(f"[  INTEROP ] ts-mls, ours {' and '.join(sorted(peers))}: {line}", flush=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn(f"{len(SUITES)} passed, 0 failed", done.stdout)

    def test_joins_their_group(self):
        self.run_selftest(PEER_B=OURS)

    def test_makes_a_group_that_they_join(self):
        self.run_selftest(PEER_A=OURS)

    def test_speaks_with_itself(self):
        self.run_selftest(PEER_A=OURS, PEER_B=OURS)


if __name__ == "__main__":
    main()
