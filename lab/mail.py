"""Mail providers inside and abroad: postfix and dovecot, each as an instance of its own on its host.

Any local part is an account, its password is PASSWORD. Submission is SMTPS on 465, reading is IMAPS on 993, and the providers hand
mail to each other on 25, so that a letter from an account inside to one abroad takes the way that real ones take.
"""

import os
import shutil

PASSWORD = "secret"
PROVIDERS = {"mail-in": "mail.portal.example", "mail-out": "mail.example"}  # host: domain and server name
PROGRAMS = ("postfix", "dovecot")
LETTER_BYTES_MAX = 30_000_000

POSTFIX_MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/spool
data_directory = {folder}/data
mail_owner = postfix
setgid_group = postdrop
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
inet_interfaces = {address}, 127.0.0.1
inet_protocols = ipv4
myhostname = {name}
mydestination =
virtual_mailbox_domains = {name}
virtual_transport = lmtp:inet:127.0.0.1:10024
transport_maps = inline:{{ {transports} }}
relay_domains =
mynetworks = 127.0.0.0/8
maillog_file = {folder}/log
maillog_file_prefixes = /tmp, /var
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
smtpd_tls_security_level = may
smtp_tls_security_level = may
message_size_limit = {limit}
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:10025
smtpd_recipient_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_peername_lookup = no
"""

POSTFIX_MASTER = """
{address}:25 inet n - n - - smtpd
{address}:465 inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
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
log_path = {folder}/log
protocols = imap lmtp
listen = {address}
ssl = required
ssl_cert = <{certificate}
ssl_key = <{key}
mail_location = maildir:{folder}/mail/%n
first_valid_uid = 1
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
    port = 0
  }}
  inet_listener imaps {{
    port = 993
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = 10024
  }}
}}
service auth {{
  inet_listener {{
    address = 127.0.0.1
    port = 10025
  }}
}}
auth_username_format = %n
default_internal_user = dovecot
default_login_user = dovenull
"""


class Mail:
    """Both providers of a lab."""

    def __init__(self, lab):
        self.topology, self.authority = lab.topology, lab.servers.authority

    def start(self):
        """Starts them and waits until they listen."""
        os.chmod(self.topology.folder, 0o711)  # their parts run as users of their own
        for host, name in PROVIDERS.items():
            certificate, key = self.authority.issue(name)
            self._start_dovecot(host, certificate, key)
            self._start_postfix(host, name, certificate, key)
        for host in PROVIDERS:
            address = self.topology.hosts[host].address
            self.topology.wait_listening(host, address, 993, f"dovecot-{host}", timeout=120)
            self.topology.wait_listening(host, address, 465, f"postfix-{host}", timeout=120)

    def _start_dovecot(self, host, certificate, key):
        folder = self.topology.path(f"dovecot-{host}", "")[:-1]
        boxes = os.path.join(folder, "mail")
        os.makedirs(boxes)
        shutil.chown(boxes, "mail", "mail")
        path = os.path.join(folder, "dovecot.conf")
        with open(path, "w", encoding="ascii") as file:
            file.write(DOVECOT.format(folder=folder, address=self.topology.hosts[host].address, certificate=certificate,
                                      key=key, password=PASSWORD))
        self.topology.start(host, f"dovecot-{host}", "dovecot", "-F", "-c", path)

    def _start_postfix(self, host, name, certificate, key):
        folder = self.topology.path(f"postfix-{host}", "")[:-1]
        for part, owner in (("spool", None), ("data", "postfix")):
            os.makedirs(os.path.join(folder, part))
            if owner:
                shutil.chown(os.path.join(folder, part), owner)
        others = {domain: self.topology.hosts[other].address for other, domain in PROVIDERS.items() if other != host}
        transports = ", ".join(f"{{ {domain} = smtp:[{address}]:25 }}" for domain, address in others.items())
        values = {"folder": folder, "address": self.topology.hosts[host].address, "name": name, "transports": transports,
                  "certificate": certificate, "key": key, "limit": LETTER_BYTES_MAX}
        for what, text in (("main.cf", POSTFIX_MAIN), ("master.cf", POSTFIX_MASTER)):
            with open(os.path.join(folder, what), "w", encoding="ascii") as file:
                file.write(text.format(**values))
        self.topology.start(host, f"postfix-{host}", "postfix", "-c", folder, "start-fg")
