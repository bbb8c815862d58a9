"""Mail providers for tests: a postfix and a dovecot of their own on loopback, with free ports and folders of their own.

Any local part is an account, PASSWORD its password; what follows a '+' is ignored, as with most providers. Submission is SMTPS and SMTP
with STARTTLS, reading IMAPS and IMAP with STARTTLS. Providers hand mail to each other by SMTP. Needs root, since both programs
give up rights; nothing outside the folder is touched.
"""

import email.message
import imaplib
import os
import shutil
import signal
import smtplib
import socket
import ssl
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lab"))

from certificates import Authority  # noqa: E402
from people import free_port, require, until  # noqa: E402

PASSWORD = "secret-word"
HOST = "localhost"

POSTFIX_MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/spool
data_directory = {folder}/data
mail_owner = postfix
setgid_group = postdrop
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = {name}
mydestination =
virtual_mailbox_domains = {name}
virtual_transport = lmtp:inet:127.0.0.1:{lmtp}
transport_maps = inline:{{ {transports} }}
relay_domains =
mynetworks = 127.0.0.2/32
maillog_file = {folder}/log
maillog_file_prefixes = /tmp, /var
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
smtpd_tls_security_level = may
smtp_tls_security_level = may
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{sasl}
smtpd_recipient_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_peername_lookup = no
recipient_delimiter = +
message_size_limit = 4000000
notify_classes =
"""

POSTFIX_MASTER = """
127.0.0.1:{smtp} inet n - n - - smtpd
127.0.0.1:{smtps} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject
127.0.0.1:{submission} inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
smtp unix - - n - - smtp
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
error unix - - n - - error
retry unix - - n - - error
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
"""

DOVECOT = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot-log
protocols = imap lmtp
listen = 127.0.0.1
ssl = required
ssl_cert = <{certificate}
ssl_key = <{key}
mail_location = maildir:{folder}/mail/%n
first_valid_uid = 1
recipient_delimiter = +
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home={folder}/mail/%n allow_all_users=yes
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
service auth {{
  inet_listener {{
    address = 127.0.0.1
    port = {sasl}
  }}
}}
auth_username_format = %n
auth_failure_delay = 0
default_internal_user = dovecot
default_login_user = dovenull
mail_max_userip_connections = 100
"""

PORTS = ("smtp", "smtps", "submission", "imap", "imaps", "lmtp", "sasl")


def missing():
    """Why there can be no providers on this machine; empty if there can."""
    if os.geteuid() != 0:
        return "mail providers need root"
    for program in ("/usr/sbin/postfix", "/usr/lib/postfix/sbin/master", "/usr/sbin/dovecot", "/usr/lib/dovecot/lmtp",
                    "/usr/lib/dovecot/imap"):
        if not os.path.exists(program):
            return program + " is not installed (apt-get install postfix dovecot-imapd dovecot-lmtpd)"
    return ""


def listens(port):
    """True if somebody accepts on this loopback port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Provider:
    """One mail provider: addresses are anything@NAME."""

    def __init__(self, folder, name, authority):
        self.folder, self.name = os.path.join(folder, name), name
        self.authority = authority
        self.ports = {port: free_port() for port in PORTS}
        self.processes = {}
        os.makedirs(self.folder)
        os.chmod(self.folder, 0o711)
        for part, owner in (("spool", None), ("data", "postfix"), ("mail", "mail")):
            os.makedirs(os.path.join(self.folder, part))
            if owner:
                shutil.chown(os.path.join(self.folder, part), owner, owner)

    def start(self, others=()):
        """Starts both programs; `others` are providers to which mail is handed on."""
        certificate = os.path.join(self.authority.folder, HOST + ".pem")
        transports = ", ".join(f"{{ {each.name} = smtp:[127.0.0.1]:{each.ports['smtp']} }}" for each in others)
        values = {"folder": self.folder, "name": self.name, "transports": transports, "certificate": certificate,
                  "key": certificate[:-3] + "key", "password": PASSWORD, **self.ports}
        for what, text in (("main.cf", POSTFIX_MAIN), ("master.cf", POSTFIX_MASTER), ("dovecot.conf", DOVECOT)):
            with open(os.path.join(self.folder, what), "w", encoding="ascii") as file:
                file.write(text.format(**values))
        self.start_one("dovecot", "dovecot", "-F", "-c", os.path.join(self.folder, "dovecot.conf"))
        self.start_one("postfix", "postfix", "-c", self.folder, "start-fg")
        for port in PORTS:
            until(lambda: listens(self.ports[port]), lambda: f"{self.name} listens for {port}: {self.log()}", 60)

    def start_one(self, name, *command):
        """Starts one of the two in a process group of its own."""
        with open(os.path.join(self.folder, name + "-output"), "ab") as log:
            self.processes[name] = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                                    start_new_session=True)

    def end(self):
        """Ends both programs and what they have started, and waits for them."""
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                pass
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()
        self.processes = {}

    def log(self):
        """What the programs have said; for a test that failed."""
        text = ""
        for name in ("postfix-output", "dovecot-output", "log", "dovecot-log"):
            path = os.path.join(self.folder, name)
            if os.path.exists(path):
                with open(path, encoding="utf-8", errors="replace") as file:
                    text += file.read()[-3000:]
        return text

    def account(self, user, tls="implicit", **changes):
        """The account of `user` as Godwit writes accounts; `tls`: "implicit" or "starttls"."""
        implicit = tls == "implicit"
        smtp = f"smtps://{HOST}:{self.ports['smtps']}" if implicit else f"smtp://{HOST}:{self.ports['submission']}"
        imap = f"imaps://{HOST}:{self.ports['imaps']}" if implicit else f"imap://{HOST}:{self.ports['imap']}"
        return {"address": f"{user}@{self.name}", "smtp": smtp, "imap": imap, "user": f"{user}@{self.name}",
                "password": PASSWORD, **changes}

    def context(self):
        """TLS that trusts the test's authority alone."""
        return ssl.create_default_context(cafile=self.authority.certificate)

    def inbox(self, user):
        """What lies in somebody's INBOX: (flags, whole message) for each letter; nothing is marked as read by it."""
        with imaplib.IMAP4_SSL(HOST, self.ports["imaps"], ssl_context=self.context(), timeout=20) as imap:
            imap.login(f"{user}@{self.name}", PASSWORD)
            imap.select("INBOX", readonly=True)
            found = imap.uid("SEARCH", None, "ALL")[1][0].split()
            out = []
            for uid in found:
                parts = imap.uid("FETCH", uid, "(FLAGS BODY.PEEK[])")[1]
                if not isinstance(parts[0], tuple):  # somebody has taken it away between search and fetch
                    continue
                out.append((parts[0][0].decode() + str(parts[1]), email.message_from_bytes(parts[0][1])))
            return out

    def submit(self, user, message):
        """Sends a letter as `user`; its To is its receiver."""
        with smtplib.SMTP_SSL(HOST, self.ports["smtps"], context=self.context(), timeout=20) as smtp:
            smtp.login(f"{user}@{self.name}", PASSWORD)
            smtp.send_message(message)

    def drop(self, sender, receiver, text):
        """Puts a raw letter for `receiver` at this provider, as a foreign server would; `sender` may be empty."""
        with smtplib.SMTP(HOST, self.ports["smtp"], timeout=20) as smtp:
            smtp.sendmail(sender, [receiver], text)


class Providers:
    """Two of them that know each other, and the authority that both are certified by."""

    def __init__(self, folder):
        os.chmod(folder, 0o711)  # their parts run as users of their own
        self.authority = Authority(os.path.join(folder, "authority"))
        self.authority.issue(HOST)
        self.one = Provider(folder, "one.example", self.authority)
        self.two = Provider(folder, "two.example", self.authority)
        try:
            self.one.start([self.two])
            self.two.start([self.one])
        except BaseException:
            self.end()
            raise

    def end(self):
        """Ends both."""
        self.one.end()
        self.two.end()


def require_none_left(folder):
    """A Failure if a process still works in this folder."""
    left = subprocess.run(["pgrep", "-f", folder], capture_output=True, check=False).stdout.split()
    require(not left, f"processes are left: {left}")
