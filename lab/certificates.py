"""A test authority, and certificates by it: made for one lab, known to the programs in it by SSL_CERT_FILE."""

import os
import subprocess


def openssl(*words):
    """Runs the openssl command; a RuntimeError with what it says if it fails."""
    done = subprocess.run(["openssl", *words], check=False, capture_output=True, encoding="utf-8")
    if done.returncode != 0:
        raise RuntimeError(f"openssl {words[0]}: {done.stderr.strip()[-300:]}")


class Authority:
    """A certificate authority in a folder: ca.pem, ca.key, and NAME.pem (the chain), NAME.key for each issued one."""

    def __init__(self, folder):
        self.folder = folder
        os.makedirs(folder, exist_ok=True)
        self.certificate = os.path.join(folder, "ca.pem")
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                "-subj", "/O=Lab Trust/CN=Lab Trust Root", "-keyout", os.path.join(folder, "ca.key"),
                "-out", self.certificate)

    def issue(self, *names, days=20):
        """A certificate for these names and IPv4 addresses (the first one names the files) that is good for `days`; gives (its path, its
        key's path)."""
        base = os.path.join(self.folder, names[0])
        # In two steps, of which the second also makes one that has ended: days may be less than 1.
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={names[0]}",
                "-addext", "subjectAltName=" + ",".join(f"{'IP' if name[-1].isdigit() else 'DNS'}:{name}" for name in names),
                "-addext", "basicConstraints=critical,CA:FALSE", "-addext", "extendedKeyUsage=serverAuth",
                "-keyout", base + ".key", "-out", base + ".csr")
        openssl("x509", "-req", "-in", base + ".csr", "-copy_extensions", "copyall", "-days", str(days), "-CA", self.certificate,
                "-CAkey", os.path.join(self.folder, "ca.key"), "-out", base + ".pem")
        with open(base + ".pem", "a", encoding="ascii") as file, open(self.certificate, encoding="ascii") as root:
            file.write(root.read())
        os.chmod(base + ".key", 0o644)  # daemons that leave root read it; it is worth nothing outside
        return base + ".pem", base + ".key"
