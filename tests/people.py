"""Homes and people as running programs: what tools/demo and the whole-program tests are made of.

Everything here starts real binaries, talks to them over real sockets on loopback, and ends only what it started, by its
own process object. Nothing here looks inside.
"""

import hashlib
import json
import os
import queue
import random
import socket
import subprocess
import threading
import time

WAIT = 20.0  # seconds for what takes milliseconds: a test is never decided by time, only ended by it


class Failure(Exception):
    """What was expected did not happen; the text says what."""


def require(condition, text):
    """Raises a Failure with `text` unless `condition` holds."""
    if not condition:
        raise Failure(text)


def until(condition, text, timeout=WAIT):
    """Waits until condition() gives something, and gives it back. `text` says what for; it may be a function that does."""
    end = time.monotonic() + timeout
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() >= end:
            raise Failure(f"not within {timeout:.0f} s: {text() if callable(text) else text}")
        time.sleep(0.02)


PORTS = range(20_000, 32_000)  # below those that the kernel gives to connections of its own accord
_given = set()


def free_port():
    """A loopback port that nobody has at the moment, that no connection is given by chance, and that was not asked for before."""
    while True:
        port = random.choice(PORTS)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in _given:
            _given.add(port)
            return port


def binaries():
    """The folder of the programs: GODWIT_BIN, else the release build's."""
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    return os.environ.get("GODWIT_BIN", os.path.join(here, "build", "release", "bin"))


def run(*command, stdin=None, timeout=WAIT, env=None):
    """Runs a program to its end; gives (exit code, stdout, stderr) as text."""
    try:
        done = subprocess.run([str(each) for each in command], input=stdin if stdin is not None else "",
                              capture_output=True, timeout=timeout, env={**os.environ, **(env or {})},
                              encoding="utf-8", errors="surrogateescape", check=False)
    except subprocess.TimeoutExpired as late:
        raise Failure(f"{os.path.basename(str(command[0]))} did not end within {timeout:.0f} s: {late.stderr}") from late
    return done.returncode, done.stdout, done.stderr


class Home:
    """One godwit-home in a folder of its own."""

    program = "godwit-home"
    address = "127.0.0.1"
    prefix = ()  # words before the program, such as those that enter a network namespace

    def __init__(self, folder, port=0):
        self.folder = str(folder)
        self.port = port or free_port()
        self.process = None
        self.log = os.path.join(os.path.dirname(self.folder), os.path.basename(self.folder) + ".log")

    def call(self, command, *arguments, timeout=WAIT):
        """Runs a command of godwit-home on this folder to its end."""
        program = os.path.join(binaries(), self.program)
        return run(*self.prefix, program, command, "--folder", self.folder, *arguments, timeout=timeout)

    def init(self, *arguments):
        """Makes keys, configuration and certificate."""
        code, _, err = self.call("init", "--address", self.address, "--port", str(self.port), "--path", "/ws", *arguments)
        require(code == 0, f"godwit-home init ended with {code}: {err}")

    def configure(self, **settings):
        """Sets keys of the configuration; they are TOML already ("true", "[...]"). A home that runs is started anew with them: its
        bulletins would tell the routes that it had before."""
        path = os.path.join(self.folder, "config.toml")
        with open(path, encoding="utf-8") as file:
            lines = [line for line in file if line.split("=")[0].strip() not in settings]
        with open(path, "w", encoding="utf-8") as file:
            file.writelines([f"{key} = {value}\n" for key, value in settings.items()] + lines)
        if self.process is not None:
            self.stop()
            self.start()

    def damage_store(self):
        """Overwrites the middle of every file of the store that holds records; gives how many."""
        count = 0
        folder = os.path.join(self.folder, "store")
        for name in sorted(os.listdir(folder)):
            path = os.path.join(folder, name)
            size = os.path.getsize(path)
            if name.endswith((".sst", ".log")) and size > 64:
                with open(path, "r+b") as file:
                    file.seek(size // 3)
                    file.write(os.urandom(min(64, size // 3)))
                count += 1
        return count

    def start(self, timeout=WAIT):
        """Starts it and waits until it listens."""
        log = open(self.log, "ab")
        self.process = subprocess.Popen(
            [*self.prefix, os.path.join(binaries(), self.program), "run", "--folder", self.folder],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        log.close()
        until(self.listens, "the home listens", timeout)
        end = time.monotonic() + 5  # one that another program starts has another number
        while not self.is_noted() and time.monotonic() < end:
            time.sleep(0.02)

    def is_noted(self):
        """True once commands find this process: a moment after it listens."""
        try:
            with open(os.path.join(self.folder, "running"), encoding="utf-8") as file:
                return str(self.process.pid) in file.read().split()
        except OSError:
            return False

    def listens(self):
        """True once somebody accepts on the port; a Failure if the process has ended."""
        require(self.process.poll() is None, f"the home has ended with {self.process.returncode}: {self.log_text()}")
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex((self.address, self.port)) == 0

    def kill(self):
        """SIGKILL, and waits until it is gone."""
        self.process.kill()
        self.process.wait()
        self.process = None

    def stop(self, timeout=WAIT):
        """SIGTERM; gives the exit code."""
        if self.process is None:
            return 0
        self.process.terminate()
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Failure("the home did not end after SIGTERM") from None
        finally:
            self.process = None

    def end(self):
        """For cleaning up: ends it in whatever state it is."""
        if self.process is not None:
            self.kill()

    def link(self):
        """An admission link for one person."""
        code, out, err = self.call("invite")
        require(code == 0 and out.strip(), f"godwit-home invite ended with {code}: {err}")
        return out.strip().splitlines()[-1]

    def log_text(self):
        """What it has written so far."""
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()[-2000:]


class Person:
    """One profile of godwit, used by single commands or by a running `godwit rpc`."""

    prefix = ()  # words before the program, such as those that enter a network namespace

    def __init__(self, name, folder):
        self.name = name
        self.folder = str(folder)
        self.key_file = self.folder + ".key"
        self.errors = self.folder + ".err"  # standard error of the last `godwit rpc`
        self.process = None
        self.environment = {}
        self.clock_offset = None  # seconds by which its clock is wrong
        self.notices = []  # (time.monotonic(), the line) in the order of arrival, of all runs
        self.arrived = threading.Condition()
        self.answers = {}
        self.next_id = 0

    def globals(self):
        """The options that name this profile."""
        offset = [] if self.clock_offset is None else ["--clock-offset", self.clock_offset]
        return ["--profile", self.folder, "--key-file", self.key_file, *offset]

    def godwit(self, *arguments, stdin=None, timeout=WAIT + 10, secrets=None):
        """Runs one command of godwit; gives (exit code, stdout, stderr)."""
        options = self.globals() if secrets is None else ["--profile", self.folder, *secrets]
        return run(*self.prefix, os.path.join(binaries(), "godwit"), *options, *arguments, stdin=stdin,
                   timeout=timeout, env=self.environment)

    def must(self, *arguments, **more):
        """The same, and it must succeed; gives stdout."""
        code, out, err = self.godwit(*arguments, **more)
        require(code == 0, f"{self.name}: godwit {arguments[0]} ended with {code}: {err.strip()}")
        return out

    def new(self, home_link):
        """Makes profile and account; gives the recovery key."""
        return self.must("new", "--name", self.name, "--home", home_link, timeout=70).strip()

    # ---- godwit rpc ---------------------------------------------------------------------------------------------

    def start(self, *arguments):
        """Starts `godwit rpc`."""
        require(self.process is None, f"{self.name} is running already")
        with open(self.errors, "wb") as errors:
            self.process = subprocess.Popen(
                [*self.prefix, os.path.join(binaries(), "godwit"), *self.globals(), "rpc", *arguments], stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=errors, start_new_session=True,
                env={**os.environ, **self.environment})
        threading.Thread(target=self._read, args=(self.process,), daemon=True).start()

    def _read(self, process):
        """Notes what `process` says until it says nothing more."""
        for line in process.stdout:
            now = time.monotonic()
            message = json.loads(line)
            with self.arrived:
                if "method" in message:
                    self.notices.append((now, message))
                else:
                    self.answers[message.get("id")] = message
                self.arrived.notify_all()
        process.stdout.close()
        with self.arrived:
            self.arrived.notify_all()

    def ask(self, method, timeout=WAIT, **params):
        """Calls a method; gives its result. A Failure if it is refused."""
        answer = self.try_ask(method, timeout, **params)
        require("result" in answer, f"{self.name}: {method} was refused: {answer.get('error')}")
        return answer["result"]

    def try_ask(self, method, timeout=WAIT, **params):
        """Calls a method; gives the whole answer, result or error."""
        self.next_id += 1
        number = self.next_id
        line = json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()
        with self.arrived:
            came = self.arrived.wait_for(lambda: number in self.answers or self.process.poll() is not None, timeout)
            if number in self.answers:
                return self.answers.pop(number)
        require(came, f"{self.name}: {method} was not answered within {timeout:.0f} s")
        raise Failure(f"{self.name}: godwit rpc ended during {method}: {self.error_text()}")

    def error_text(self):
        """What `godwit rpc` has said to people."""
        with open(self.errors, encoding="utf-8", errors="replace") as file:
            return file.read()[-2000:]

    def wait(self, wanted, text, timeout=WAIT):
        """Waits for a notice with wanted(method, params); gives (when it came, params)."""
        with self.arrived:
            found = []

            def look():
                for when, message in self.notices:
                    if wanted(message["method"], message["params"]):
                        found.append((when, message["params"]))
                        return True
                return False

            require(self.arrived.wait_for(look, timeout), f"{self.name}: not within {timeout:.0f} s: {text}")
        return found[0]

    def received(self, text, timeout=WAIT):
        """Waits for a message with that text; gives when it came."""
        return self.wait(lambda method, params: method == "message_received" and params["message"]["text"] == text,
                         f"a message came in: {text[:40]!r}", timeout)[0]

    def moved(self, message_id, states, timeout=WAIT):
        """Waits until an own message has come to one of `states`; gives when."""
        return self.wait(lambda method, params: method == "message_moved" and params["id"] == message_id
                         and params["delivery"] in states, f"message {message_id[:8]} is {'/'.join(states)}", timeout)[0]

    def stop(self, timeout=WAIT):
        """Ends the input of `godwit rpc` and waits until it has ended by itself."""
        if self.process is None:
            return
        self.process.stdin.close()
        try:
            code = self.process.wait(timeout + 30)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Failure(f"{self.name}: godwit rpc did not end with its input") from None
        self.process = None
        require(code in (0, 5), f"{self.name}: godwit rpc ended with {code}: {self.error_text()}")

    def kill(self):
        """SIGKILL."""
        self.process.kill()
        self.process.wait()
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        self.process = None

    def end(self):
        """For cleaning up."""
        if self.process is not None:
            self.kill()

    # ---- what stands on the disk ----------------------------------------------------------------------------------

    def chats(self):
        """All chats, read from the disk by `godwit chats`."""
        return json.loads(self.must("chats", "--json"))["chats"]

    def history(self, chat, count=100000):
        """The messages of a chat, read from the disk by `godwit history`."""
        return json.loads(self.must("history", chat, "--count", str(count), "--json"))["messages"]


def meet(inviter, taker):
    """The two meet by invite link, each with single commands; gives the chat's id."""
    link = inviter.must("invite").strip()
    line = taker.must("add", link).strip()
    chat = line.split()[0]
    inviter.start()
    until(lambda: any(each["chat"] == chat for each in inviter.ask("list_chats")["chats"]), "the inviter has the chat")
    inviter.stop()
    return chat


def digest(text):
    """SHA-256 of a text, in hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()
