"""`godwit web` leads the media of calls to the home's relay by the way that its messages take: past bridges, proxies and transports."""

import json
import os
import re
import shutil
import socket
import unittest

from bridges import Bridge
from people import free_port, until
from proxies import socks5_proxy
from turn import BINDING, Relayed, first_message, tls
from web_pages import PageWorld
from world import main

REASON = None if shutil.which("turnserver") else "coturn (the program turnserver) is not installed"
RELAY = {"calls": "true", "calls_addresses": '["127.0.0.1"]', "calls_loopback": "true"}


class Door(PageWorld):
    def setUp(self):
        if REASON:
            print(f"SKIPPED: {REASON}", flush=True)
            raise unittest.SkipTest(f"SKIPPED: {REASON}")
        super().setUp()

    def resident(self, name, home):
        """Somebody's page who lives there, and who is told of a relay."""
        page = self.page(name)
        page.must("new_account", name=name, home_link=home.link())
        return page

    def relay(self, page):
        """(port, user name, credential) of the only relay that a page is told of."""
        relay = until(lambda: page.ask("read_call_relays").get("result", {}).get("relays"), "the home relays")[0]
        found = re.fullmatch(r"turn:127\.0\.0\.1:(\d+)\?transport=tcp", relay["urls"][0])
        self.assertTrue(found and len(relay["urls"]) == 1, relay)
        return int(found[1]), relay["username"], relay["credential"]

    def by_door(self, page):
        """A connection to the relay by somebody's door."""
        port, username, credential = self.relay(page)
        relayed = Relayed(port, username, credential, in_tls=False)
        self.addCleanup(relayed.close)
        return relayed

    def meet(self, one, other):
        """Both send packets to each other over what they have allocated."""
        addresses = [each.allocate() for each in (one, other)]
        one.permit(addresses[1])
        other.permit(addresses[0])
        for count in range(20):
            one.send(addresses[1], b"from one %d" % count)
            self.assertEqual(other.receive(), (addresses[0], b"from one %d" % count))
            other.send(addresses[0], bytes([count]) * 1100)
            self.assertEqual(one.receive(), (addresses[1], bytes([count]) * 1100))

    def only_by(self, home, *routes):
        """From now on the links of `home` name these routes and no other way."""
        home.configure(routes=json.dumps(routes), pin_certificate="false")

    def test_two_pages_meet_at_the_home_and_the_program_leads_there_by_its_own_way(self):
        home = self.home(**RELAY)
        anna, boris = self.resident("Anna", home), self.resident("Boris", home)
        self.meet(self.by_door(anna), self.by_door(boris))

    def test_who_reaches_his_home_by_a_bridge_alone_talks_through_it_and_a_killed_bridge_ends_his_connection(self):
        home = self.home(**RELAY)
        boris = self.resident("Boris", home)
        bridge = Bridge(os.path.join(self.folder, "bridge"), home.link())
        self.started.append(bridge)
        bridge.start()
        self.only_by(home, bridge.link())
        anna = self.resident("Anna", home)
        by_bridge = self.by_door(anna)
        self.meet(by_bridge, self.by_door(boris))
        bridge.kill()
        with self.assertRaises(ConnectionError):
            by_bridge.receive()
        bridge.start()
        until(lambda: "result" in anna.ask("read_call_relays"), "Anna is connected again")
        self.meet(self.by_door(anna), self.by_door(boris))

    @unittest.skipUnless(shutil.which("obfs4proxy"), "SKIPPED: obfs4proxy is not installed")
    def test_who_reaches_his_home_by_obfs4_alone_talks_through_it(self):
        home = self.home(**RELAY)
        boris = self.resident("Boris", home)
        home.stop()
        port = free_port()
        with open(os.path.join(home.folder, "config.toml"), "a", encoding="utf-8") as file:
            file.write(f'\n[[transport]]\nname = "obfs4"\nprogram = "obfs4proxy"\n'
                       f'listen = "127.0.0.1:{port}"\naddress = "127.0.0.1:{port}"\n')
        home.start()
        until(lambda: "obfs4://" in home.log_text(), "the transport serves")
        self.only_by(home, home.call("routes")[1].split()[1])
        anna = self.resident("Anna", home)
        self.meet(self.by_door(anna), self.by_door(boris))

    def test_the_persons_proxy_carries_calls_too(self):
        home = self.home(**RELAY)
        proxy = socks5_proxy(names={"home.invalid": "127.0.0.1"})
        self.addCleanup(proxy.end)
        boris = self.resident("Boris", home)
        home.configure(routes=f'["wss://home.invalid:{home.port}/ws"]')  # that host nobody but the proxy knows
        os.environ["GODWIT_PROXY"] = f"socks5://127.0.0.1:{proxy.port}"
        self.addCleanup(os.environ.pop, "GODWIT_PROXY")
        anna = self.resident("Anna", home)
        self.meet(self.by_door(anna), self.by_door(boris))

    def test_only_a_client_of_a_relay_gets_through_the_door(self):
        home = self.home(**RELAY)
        anna = self.resident("Anna", home)
        port = self.relay(anna)[0]
        for words in (b"GET / HTTP/1.1\r\n\r\n", first_message(BINDING), b"\0"):
            with socket.create_connection(("127.0.0.1", port), timeout=20) as stranger:
                stranger.sendall(words)
                self.assertEqual(stranger.recv(100), b"")
        idle = [socket.create_connection(("127.0.0.1", port), timeout=20) for _ in range(40)]
        self.assertEqual([idle[-1].recv(1), len(idle)], [b"", 40], "one beyond the bound is closed")
        for each in idle:
            each.close()
        until(lambda: self.relay(anna)[0] == port, "the door is where it was")
        self.by_door(anna).allocate()

    def test_an_allocate_request_in_a_websocket_is_a_session_s_nonsense_while_no_call_is_expected(self):
        home = self.home(**RELAY)
        connection = tls(home.port)
        connection.sendall((f"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n").encode())
        while b"\r\n\r\n" not in (head := connection.recv(4096)):
            pass
        message = first_message() + bytes(70)
        connection.sendall((bytes([0x82, 0x80 | len(message)]) + bytes(4) + message) * 100)
        said = head.partition(b"\r\n\r\n")[2]
        while more := connection.recv(4096):
            said += more
        connection.close()
        self.assertNotIn(bytes.fromhex("2112a442"), said, "no answer of a TURN server")


if __name__ == "__main__":
    main()
