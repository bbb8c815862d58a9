"""Ordinary traffic of many people, as real programs make it: what mode 18 is trained beside, and what must not be blocked.

People (addresses of the host `crowd`) visit sites (addresses of the host `sites`): pages of very different sizes with curl (HTTP/1.1
and 2), wget and Chromium, several requests on one kept connection, and chats over WebSocket in which somebody types now and then.
"""

import asyncio
import base64
import json
import math
import os
import random
import ssl
import subprocess
import sys
import threading

from servers import nginx_server
from topology import HOSTS, Host

PEOPLE, SITES = 60, 40
CROWD = Host("crowd", True, tuple(f"203.0.113.{120 + each}" for each in range(PEOPLE)), (), "other people behind the same censor")
SITES_HOST = Host("sites", False, tuple(f"192.0.2.{100 + each}" for each in range(SITES)),
                  tuple(f"site{each}.example" for each in range(SITES)), "sites that they visit")
WITH_CROWD = HOSTS + (CROWD, SITES_HOST)
FILES = 60
CHAT_PORT = 9000
CURL = ("curl", "-sSk", "--noproxy", "*", "-o", "/dev/null", "--max-time", "40")
WS_LOCATION = f"""location = /chat {{ proxy_pass http://127.0.0.1:{CHAT_PORT}; proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade; proxy_read_timeout 1h; }}"""


def size_of(dice):
    """The size of something on the web: half below 12 kB, one in ten above 150 kB."""
    return int(min(3_000_000, max(80, math.exp(dice.gauss(math.log(12_000), 1.9)))))


class Crowd:
    """Sites and people of one lab, which was made with WITH_CROWD."""

    def __init__(self, lab, seed=1):
        self.lab, self.dice = lab, random.Random(seed)
        self.sizes = []

    def start(self):
        """Starts the sites."""
        topology, authority = self.lab.topology, self.lab.servers.authority
        blocks = []
        self.sizes = [size_of(self.dice) for _ in range(FILES)]
        for index, (address, name) in enumerate(zip(SITES_HOST.addresses, SITES_HOST.names)):
            root = topology.path("sites", name, "")[:-1]
            for number in range(FILES):
                with open(os.path.join(root, f"{number}.bin"), "wb") as file:
                    file.write(os.urandom(self.sizes[(number + index * 7) % FILES]))
            picture = "".join(f'<img src="/{self.dice.randrange(FILES)}.bin">' for _ in range(self.dice.randrange(1, 7)))
            with open(os.path.join(root, "index.html"), "w", encoding="utf-8") as file:
                file.write(f"<!doctype html><title>{name}</title>{picture}" + "text " * self.dice.randrange(100, 9000))
            blocks.append(nginx_server(address, name, *authority.issue(name), root, locations=WS_LOCATION))
        os.chmod(topology.folder, 0o711)
        self.lab.servers.start_nginx("sites", "nginx-sites", "".join(blocks))
        topology.start("sites", "chat-server", sys.executable, "-B", __file__, "--chat-server", env=None)
        topology.wait_listening("sites", SITES_HOST.addresses[-1], 443, "nginx-sites")
        topology.wait_listening("sites", "127.0.0.1", CHAT_PORT, "chat-server")

    # ---- one visit each ------------------------------------------------------------------------------------------------------

    def _who_and_where(self):
        person = self.dice.choice(CROWD.addresses)
        index = self.dice.randrange(SITES)
        return person, SITES_HOST.names[index], SITES_HOST.addresses[index]

    def curl(self, version):
        """One to six files on one connection."""
        person, name, address = self._who_and_where()
        count = self.dice.choice((1, 1, 1, 2, 3, 6))
        urls = [f"https://{name}/{self.dice.choice(['', f'{self.dice.randrange(FILES)}.bin'])}" for _ in range(count)]
        outputs = [word for _ in range(count - 1) for word in ("-o", "/dev/null")]
        return [*CURL, *outputs, version, "--interface", person, "--resolve", f"{name}:443:{address}", *urls]

    def wget(self):
        """A page and what is on it."""
        person, name, _ = self._who_and_where()
        return ["wget", "-q", "-p", "--no-proxy", "-T", "30", "-t", "1", f"--bind-address={person}", "-P",
                self.lab.topology.path("wget", ""), "--delete-after", "--no-check-certificate",
                f"https://{name}/"]

    def kept(self, count):
        """So many people who keep a connection: half chat over WebSocket for a while, half ask again and again, as feeds, mail readers
        and weather widgets do. One process plays all of them."""
        plan = [[self.dice.choice(("chat", "requests")), *self._who_and_where(), self.dice.randrange(1 << 30)] for _ in range(count)]
        path = self.lab.topology.path("plans", str(self.dice.randrange(1 << 30)))
        with open(path, "w", encoding="utf-8") as file:
            json.dump(plan, file)
        return [sys.executable, "-B", __file__, "--kept", path]

    def chromium(self):
        """A browser opens a few pages."""
        pages = [f"https://{self.dice.choice(SITES_HOST.names)}/" for _ in range(1)]
        folder = self.lab.topology.path("chromium", str(self.dice.randrange(1 << 30)), "")
        return ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--no-proxy-server", "--ignore-certificate-errors",
                "--disable-component-update", "--disable-background-networking", f"--user-data-dir={folder}", "--timeout=8000",
                "--dump-dom", *pages]

    def run(self, visits, parallel=6, browsers=0):
        """So many visits; gives the threads, which end when all are over."""
        prefix, environment = self.lab.topology.prefix("crowd"), {**os.environ, **self.lab.servers.environment}
        environment = {key: value for key, value in environment.items() if not key.lower().endswith("_proxy")}
        single = visits // 2
        work = [self.dice.choice((lambda: self.curl("--http2"), lambda: self.curl("--http1.1"), lambda: self.curl("--http2"),
                                  self.wget))() for _ in range(single)]
        work += [self.kept(50) for _ in range((visits - single + 49) // 50)] + [self.chromium() for _ in range(browsers)]
        self.dice.shuffle(work)
        lock = threading.Lock()

        def some():
            while True:
                with lock:
                    if not work:
                        return
                    words = work.pop()
                try:
                    subprocess.run([*prefix, *words], check=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, env=environment, timeout=300)
                except subprocess.TimeoutExpired:
                    pass

        threads = [threading.Thread(target=some, daemon=True) for _ in range(parallel)]
        for each in threads:
            each.start()
        return threads


# ---- a chat over WebSocket, both ends ------------------------------------------------------------------------------------------


def frame(payload, masked):
    """A WebSocket frame of text."""
    size = len(payload)
    head = bytes([0x81]) + (bytes([size | masked << 7]) if size < 126 else bytes([126 | masked << 7]) + size.to_bytes(2, "big"))
    if not masked:
        return head + payload
    mask = os.urandom(4)
    return head + mask + bytes(each ^ mask[index % 4] for index, each in enumerate(payload))


async def read_frame(reader):
    """The payload of one."""
    first = await reader.readexactly(2)
    size = first[1] & 127
    if size == 126:
        size = int.from_bytes(await reader.readexactly(2), "big")
    mask = await reader.readexactly(4) if first[1] & 128 else bytes(4)
    return bytes(each ^ mask[index % 4] for index, each in enumerate(await reader.readexactly(size)))


async def serve_chat(reader, writer):
    """Greets with some history, answers each line with one to three of others after a while."""
    dice = random.Random()
    try:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n")
        writer.write(frame(os.urandom(min(60_000, size_of(dice))), False))
        while True:
            await read_frame(reader)
            for _ in range(dice.randrange(1, 4)):
                await asyncio.sleep(dice.expovariate(3))
                writer.write(frame(os.urandom(int(dice.lognormvariate(4.8, 0.9)) + 20), False))
    except (OSError, asyncio.IncompleteReadError):
        writer.close()


async def talk(person, name, address, dice, context):
    """The other end."""
    reader, writer = await asyncio.open_connection(address, 443, ssl=context, server_hostname=name, local_addr=(person, 0))
    key = base64.b64encode(os.urandom(16)).decode()
    cookie = "Cookie: session=" + "x" * dice.randrange(20, 900) + "\r\n" if dice.random() < 0.7 else ""
    writer.write(f"GET /chat HTTP/1.1\r\nHost: {name}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
                 f"Sec-WebSocket-Version: 13\r\nUser-Agent: Mozilla/5.0\r\n{cookie}\r\n".encode())
    await reader.readuntil(b"\r\n\r\n")

    async def listen():
        while True:
            await read_frame(reader)

    listening = asyncio.ensure_future(listen())
    for _ in range(dice.randrange(1, 9)):
        await asyncio.sleep(dice.expovariate(1.2))
        writer.write(frame(os.urandom(int(dice.lognormvariate(4.5, 1)) + 20), True))
    await asyncio.sleep(dice.uniform(0.3, 2))
    listening.cancel()
    writer.close()


async def ask_again(person, name, address, dice, context):
    """Requests on one kept connection, with pauses."""
    reader, writer = await asyncio.open_connection(address, 443, ssl=context, server_hostname=name, local_addr=(person, 0))
    for _ in range(dice.randrange(1, 10)):
        more = "Cookie: " + "y" * dice.randrange(10, 1200) + "\r\n" if dice.random() < 0.6 else ""
        writer.write(f"GET /{dice.randrange(FILES)}.bin HTTP/1.1\r\nHost: {name}\r\nAccept: */*\r\n{more}\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        left = int(head.partition("content-length:")[2].split("\r\n")[0] or 0)
        await reader.readexactly(left)
        await asyncio.sleep(dice.choice((0, 0, dice.expovariate(2))))
    writer.close()


async def keep(path):
    """All of a plan, some at a time."""
    with open(path, encoding="utf-8") as file:
        plan = json.load(file)
    contexts = [ssl.create_default_context() for _ in range(2)]
    contexts[0].set_alpn_protocols(["http/1.1"])
    few = asyncio.Semaphore(12)

    async def one(kind, person, name, address, seed):
        dice = random.Random(seed)
        async with few:
            try:
                play = {"chat": talk, "requests": ask_again}[kind]
                await asyncio.wait_for(play(person, name, address, dice, dice.choice(contexts)), 60)
            except (OSError, asyncio.TimeoutError, asyncio.IncompleteReadError):
                pass

    await asyncio.gather(*(one(*each) for each in plan))


async def chat_server():
    """Until it is ended."""
    await asyncio.start_server(serve_chat, "127.0.0.1", CHAT_PORT)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(chat_server() if sys.argv[1] == "--chat-server" else keep(sys.argv[2]))
