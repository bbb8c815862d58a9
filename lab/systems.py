"""The systems that the lab can measure, in the order of the report."""

from browsing import Browsing
from godwit_system import Godwit, GodwitBridge, GodwitBridgeIn, GodwitBundle, GodwitLan, GodwitMail
from page_system import GodwitPage, GodwitPageBridge
from peers import Obfs4, Shadowsocks, Tls, Xmpp, XmppProxy
from tor import Tor
from webrtc import WebRtc

SYSTEMS = (Godwit, GodwitBridge, GodwitBridgeIn, GodwitMail, GodwitLan, GodwitBundle, GodwitPage, GodwitPageBridge, Tls,
           Xmpp, XmppProxy, Obfs4, Shadowsocks, Tor, WebRtc, Browsing)


def chosen(names):
    """The systems of those names; a ValueError names one that does not exist."""
    known = {system.name: system for system in SYSTEMS}
    for name in names:
        if name not in known:
            raise ValueError(f"there is no system {name}; there are {', '.join(known)}")
    return [system for system in SYSTEMS if system.name in names]
