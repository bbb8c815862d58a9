"""People who reach their home only by bridges."""

import json
import os
import stat
import time

from bridges import Bridge
from nginx import Nginx, certificate_of, sha256_of, site_of
from people import binaries, free_port, run, until
from world import World, main


class BridgeWorld(World):
    def bridge(self, name, home_route, *options):
        """A bridge that runs."""
        bridge = Bridge(os.path.join(self.folder, name), home_route, *options)
        self.started.append(bridge)
        return bridge.start()

    def only_by(self, home, *bridges):
        """From now on the links of `home` name these bridges and no other way."""
        home.configure(routes=json.dumps([bridge.link() for bridge in bridges]), pin_certificate="false")


class Passing(BridgeWorld):
    def talk(self, home, anna, boris, chat, harm):
        """Text both ways, with `harm()` in between; nothing is lost and nothing shown twice."""
        anna.start()
        boris.start()
        said = {anna: [], boris: []}
        for number in range(12):
            for person in (anna, boris):
                text = f"{person.name} {number} " + "x" * (number * 90)
                person.ask("send_text", chat=chat, text=text)
                said[person].append(text)
            if number in (4, 8):
                harm()
        anna.received(said[boris][-1], timeout=60)
        boris.received(said[anna][-1], timeout=60)
        anna.stop()
        boris.stop()
        for person, other in ((anna, boris), (boris, anna)):
            seen = person.history(chat)
            self.assertEqual([each["text"] for each in seen if each["own"]], said[person])
            self.assertEqual([each["text"] for each in seen if not each["own"]], said[other])

    def test_text_passes_one_bridge_that_is_killed_in_the_middle(self):
        home = self.home()
        bridge = self.bridge("bridge", home.link())
        self.only_by(home, bridge)
        anna, boris, chat = self.pair(home)

        def harm():
            bridge.kill()
            time.sleep(0.2)
            bridge.start()

        self.talk(home, anna, boris, chat, harm)
        self.assertEqual(bridge.stop(), 0)
        self.assertIn("passages", bridge.log_text())

    def test_text_passes_two_bridges_in_a_row_and_the_killed_one_comes_back(self):
        home = self.home()
        foreign = self.bridge("foreign", home.link())
        domestic = self.bridge("domestic", foreign.link(), "--source-connections", "0")
        self.only_by(home, domestic)
        anna, boris, chat = self.pair(home)

        def harm():
            foreign.kill()
            time.sleep(0.2)
            foreign.start()

        self.talk(home, anna, boris, chat, harm)

    def test_text_passes_nginx_and_bridge_and_nginx_and_home_by_the_documented_configuration(self):
        site = site_of(os.path.join(self.folder, "site"))
        certificate, key = certificate_of(self.folder)
        pin = sha256_of(certificate)
        home = self.home(behind_proxy="true", pin_certificate="false", addresses='["127.0.0.1"]')
        before_home = Nginx(os.path.join(self.folder, "nginx-home"), site)
        self.started.append(before_home)
        before_home.start_reference(certificate, key, "/ws", home.port)
        bridge = self.bridge("bridge", f"wss://127.0.0.1:{before_home.port}/ws?pin={pin}", "--behind-proxy")
        before_bridge = Nginx(os.path.join(self.folder, "nginx-bridge"), site)
        self.started.append(before_bridge)
        before_bridge.start_reference(certificate, key, bridge.path(), bridge.port)
        route = f"bridge://127.0.0.1:{before_bridge.port}{bridge.path()}?pin={pin}"
        home.configure(routes=json.dumps([route]))
        anna, boris, chat = self.pair(home)

        def harm():
            bridge.kill()
            time.sleep(0.2)
            bridge.start()

        self.talk(home, anna, boris, chat, harm)

    def test_a_home_on_the_same_machine_is_reached_without_tls(self):
        home = self.home(behind_proxy="true", pin_certificate="false", addresses='["127.0.0.1"]')
        bridge = self.bridge("bridge", f"ws://127.0.0.1:{home.port}/ws")
        self.only_by(home, bridge)
        anna, boris, chat = self.pair(home)
        self.talk(home, anna, boris, chat, lambda: None)


if __name__ == "__main__":
    main()
