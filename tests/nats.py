"""A cluster of real NATS servers on loopback, and homes that have their store in it."""

import json
import os
import shutil
import signal
import subprocess
import urllib.request

from people import Home, binaries, free_port, require, until


def nats_program():
    """The nats-server of GODWIT_NATS_SERVER, or where tools/install puts it; None: there is none."""
    home = os.path.expanduser("~")
    cache = os.environ.get("GODWIT_CACHE") or os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.join(home, ".cache"), "godwit")
    program = os.environ.get("GODWIT_NATS_SERVER") or os.path.join(cache, "nats-server-2.10", "nats-server")
    return program if os.access(program, os.X_OK) else None


NO_PROGRAM = "no nats-server here: tools/install fetches it"


class NatsServer:
    """One server of a cluster."""

    def __init__(self, folder, number):
        self.folder = os.path.join(folder, f"nats-{number}")
        self.name = f"n{number}"
        self.port, self.cluster_port, self.http_port = free_port(), free_port(), free_port()
        self.process = None

    def configure(self, others, tls):
        """Writes its configuration; `others`: all of the cluster; `tls`: what stands in its tls block, or None."""
        os.makedirs(self.folder)
        routes = ", ".join(f'"nats-route://127.0.0.1:{each.cluster_port}"' for each in others)
        with open(os.path.join(self.folder, "config"), "w", encoding="utf-8") as file:
            file.write(f'server_name: {self.name}\nlisten: "127.0.0.1:{self.port}"\nhttp: "127.0.0.1:{self.http_port}"\n'
                       f'jetstream {{ store_dir: "{self.folder}/data", sync_interval: always }}\n')
            if len(others) > 1:
                file.write(f'cluster {{ name: test, listen: "127.0.0.1:{self.cluster_port}", routes: [{routes}] }}\n')
            if tls:
                file.write(f"tls {{ {tls} }}\n")

    def start(self):
        """Starts it."""
        with open(os.path.join(self.folder, "log"), "ab") as log:
            self.process = subprocess.Popen([nats_program(), "-c", os.path.join(self.folder, "config")], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, start_new_session=True)

    def kill(self):
        """SIGKILL."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def ask(self, path):
        """Its monitoring's answer; None: it has none."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.http_port}/{path}", timeout=2) as answer:
                return json.load(answer)
        except (OSError, ValueError):
            return None


class NatsCluster:
    """Some servers that are one cluster, or a single one. end() kills them."""

    def __init__(self, folder, count=3, tls=None):
        self.servers = [NatsServer(folder, number) for number in range(1, count + 1)]
        for server in self.servers:
            server.configure(self.servers, tls)
            server.start()
        for server in self.servers:
            until(lambda server=server: server.ask("healthz") is not None, f"{server.name} is there")

    def url(self, stream):
        """What `store` says, as TOML."""
        return '"nats://' + ",".join(f"127.0.0.1:{server.port}" for server in self.servers) + f'/{stream}"'

    def leader(self, stream):
        """The server that leads a stream's replicas, as those who live say; None: they say nothing."""
        for server in self.servers:
            told = server.ask("jsz?accounts=true&streams=true") if server.process is not None else None
            for account in (told or {}).get("account_details", []):
                for each in account.get("stream_detail", []):
                    name = each["cluster"].get("leader") if each["name"] == f"GODWIT_{stream}" else None
                    for one in self.servers:
                        if one.name == name and one.process is not None:
                            return one
        return None

    def end(self):
        """Kills all of them."""
        for server in self.servers:
            server.kill()


class AwayHome(Home):
    """A home whose store is on NATS; it may be a standby."""

    def begin(self):
        """Starts it, and waits for nothing."""
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [*self.prefix, os.path.join(binaries(), self.program), "run", "--folder", self.folder],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)

    def start(self, timeout=60.0):
        """Starts it and waits until it has its store and listens; on a cluster that is just being started that takes a while."""
        self.begin()
        until(self.listens, lambda: f"the home listens: {self.log_text()}", timeout)

    def twin(self, folder, **settings):
        """Another home with the same keys and configuration, but for `settings`; it is not started."""
        shutil.copytree(self.folder, folder, ignore=shutil.ignore_patterns("running*", "*.question", "*.answer"))
        other = AwayHome(folder, self.port)
        if settings:
            other.configure(**settings)
        other.port = int(settings.get("port", self.port))
        return other

    def says(self, event):
        """Whether its log has this event."""
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return f"event={event}" in file.read()

    def is_active(self):
        """True if it has the store; a Failure if it has ended."""
        require(self.process.poll() is None, f"the home has ended with {self.process.returncode}: {self.log_text()}")
        code, out, _ = self.call("status")
        return code == 0 and out.startswith("home: running") and "standby: yes" not in out

    def freeze(self, frozen):
        """SIGSTOP, SIGCONT."""
        self.process.send_signal(signal.SIGSTOP if frozen else signal.SIGCONT)

    def end(self):
        """Also of a frozen one."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


__all__ = ["AwayHome", "NatsCluster", "NO_PROGRAM", "nats_program"]
