"""The modes as the lab runs them: the censor's specification of each, and what people should know of it."""

import os
from typing import NamedTuple

from topology import DOMESTIC, HOSTERS, HOSTS

MODEL = os.environ.get("GODWIT_LEARNED_MODEL", os.path.join(os.path.dirname(os.path.abspath(__file__)), "censor", "model.json"))

# What any censor can find out: names and addresses that the systems publish. Bridges and relays handed out in private are not
# among them; what the censor learns of those, it has to learn by mode 13.
PUBLISHED_HOSTS = ("home", "home2", "chat", "onion")
SUSPECT = f"{HOSTERS}+2001:db8:2::/48"
ALLOWED = f"{DOMESTIC}+2001:db8:1::/48"
# Lists of what may be reached stand in the way of people, not of the servers in a data centre at home.
PEOPLE = "203.0.113.10+203.0.113.11+2001:db8:1::a+2001:db8:1::b"


def hosts(*names):
    """The hosts of those names."""
    return [host for host in HOSTS if host.name in names]


NAMES = "+".join(name for host in hosts(*PUBLISHED_HOSTS) for name in host.names)
ADDRESSES = "+".join(address for host in hosts(*PUBLISHED_HOSTS) for address in host.addresses)
RESOLVERS = "+".join(name for host in hosts("doh1", "doh2", "public1", "public2") for name in host.names)
ALLOWED_NAMES = "+".join(name for host in hosts("domestic", "bridge-in", "mail-in") for name in host.names)


# What godwit shows: routes/hello.h, with a name and without, and with a ticket. Collected by `lab/classify`.
JA4_ALL = "@" + os.path.join(os.path.dirname(os.path.abspath(__file__)), "ja4_all.txt")


class Mode(NamedTuple):
    """One row of the report."""

    name: str     # in the report and for --modes
    number: str   # in the table of modes
    specs: tuple  # what the censor is given
    about: str    # what it does
    sessions: int = 0        # it learns first: so many starts of the program before what is measured
    settle_seconds: int = 0  # and so long a wait after them


SINGLE = (
    Mode("control", "0", (), "no blocking: the base network alone, 60 ms round trip and 1 % loss"),
    Mode("dns", "1", (f"dns:names={NAMES}",), "queries over UDP for a published name are answered \"no such name\" after 3 ms"),
    Mode("throttle-sni", "2a", (f"throttle:variant=sni,names={NAMES}",), "a published server name: 140 kbit/s each way, the excess dropped"),
    Mode("throttle-flow", "2b", (f"throttle:variant=flow,protocol=all,dst={SUSPECT}",), "any flow to hosting companies: one packet in ten passes"),
    Mode("throttle-rate", "2c", (f"throttle:variant=rate,names={NAMES}",), "a published server name: 650 bytes a second"),
    Mode("sni-rst", "3a", (f"sni-rst:names={NAMES}",), "a published server name in the TLS hello: the answer is replaced by resets"),
    Mode("sni-rst-gfw", "3b", (f"sni-rst:variant=gfw,names={NAMES}",), "the same with three resets to both sides, then 90 s of a blocked server"),
    Mode("sni-drop", "4a", (f"sni-drop:names={NAMES}",), "a published server name: 5 to 8 packets later silence"),
    Mode("sni-drop-hello", "4b", (f"sni-drop:variant=hello,names={NAMES}",), "a published server name: silence from the hello on"),
    Mode("quic", "5", ("quic",), "QUIC to port 443 is dropped"),
    Mode("calls", "6", ("calls",), "STUN, call ports and listed DTLS hellos"),
    Mode("ech-doh", "7", (f"ech-doh:doh_names={RESOLVERS}",), "encrypted hellos of a known front, listed DoH names, port 853"),
    Mode("tls-fp", "8", (f"tls-fp:dst={SUSPECT}",), "listed TLS hellos to hosting companies: the data after the handshake is dropped"),
    Mode("tls-fp-all", "8b", (f"tls-fp:ja4={JA4_ALL},dst={SUSPECT}",),
         "the same, with every hello on the list that this version shows of itself or of a program that it resembles"),
    Mode("siberian", "9", (f"siberian:dst={SUSPECT}",), "more than three quick handshakes of a browser-like hello to one name: 120 s of silence"),
    Mode("curtain", "10", (f"curtain:dst={SUSPECT}",), "any flow to hosting companies: after 25 packets silence"),
    Mode("curtain-14", "10", (f"curtain:n=14,dst={SUSPECT}",), "the same after 14 packets: fewer than one exchange of ours takes"),
    Mode("curtain-bytes", "10B", (f"curtain:variant=bytes,dst={SUSPECT}",), "any flow to hosting companies: after 16 KiB from the server silence"),
    Mode("fet", "11", (f"fet:dst={SUSPECT}",), "a first payload that looks like random bytes: blocked for 180 s with p = 0.26"),
    Mode("inner-tls", "12", (f"inner-tls:dst={SUSPECT}",), "TLS inside a tunnel, known by the sizes of its first bursts"),
    Mode("learn", "13", (f"learn:dst={SUSPECT},analysis_min=2,analysis_max=4,delay_min=4,delay_max=8",),
         "a server recognised in three sessions is probed and, if it answers as a proxy, blocked by address (here within seconds)",
         sessions=4, settle_seconds=20),
    Mode("ip", "14", (f"ip:block={ADDRESSES}",), "every published address: all packets dropped"),
    Mode("proto-allow", "15", ("proto-allow",), "only DNS, HTTP and TLS over TCP on 53, 80 and 443; no UDP, no IPv6"),
    Mode("dest-allow", "16a", (f"dest-allow:allow={ALLOWED},udp53=on,inside={PEOPLE}",), "only listed destinations, which are at home; UDP/53 open"),
    Mode("dest-allow-names", "16b", (f"dest-allow:variant=sni-and-cidr,allow={ALLOWED},allow_names={ALLOWED_NAMES},inside={PEOPLE}",),
         "only listed destinations under listed names, which are at home"),
    Mode("shutdown", "17", ("shutdown",), "nothing crosses the border"),
)

if os.path.exists(MODEL):  # made by training; without it there is nothing to run
    SINGLE += (Mode("learned", "18", (f"learned:model={MODEL}",), "a classifier trained on our flows beside ordinary browsing"),)


def together(name, about, *parts):
    """A country's boxes as one row: the specifications of several single modes."""
    single = [mode for mode in SINGLE if mode.name in parts]
    return Mode(name, "", tuple(spec for mode in single for spec in mode.specs), about,
                max(mode.sessions for mode in single), max(mode.settle_seconds for mode in single))


MODES = SINGLE + (
    together("ru-2025-home", "a fixed line in Russia, 2025", "dns", "sni-rst", "quic", "calls", "curtain", "ip"),
    together("ru-2026-home", "a fixed line in Russia, 2026", "dns", "sni-drop", "quic", "calls", "ech-doh", "tls-fp",
             "siberian", "curtain", "inner-tls", "learn"),
    together("cn", "China", "dns", "sni-rst-gfw", "quic", "fet", "learn"),
    together("ir-2025", "Iran, June 2025", "proto-allow", "throttle-flow"),
    together("ru-mobile-white", "a mobile network in Russia with its allow-list, DNS poisoned", "dest-allow-names", "dns"),
)


def chosen(names):
    """The modes of those names, in the table's order; a ValueError names one that does not exist."""
    known = {mode.name for mode in MODES}
    for name in names:
        if name not in known:
            raise ValueError(f"there is no mode {name}; there are {', '.join(mode.name for mode in MODES)}")
    return [mode for mode in MODES if mode.name in names]
