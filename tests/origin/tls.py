"""Certificates for practice, by the openssl command: an authority, what it signed, and one more."""

import ipaddress
import json
import os
import ssl
import subprocess
import urllib.parse

CONFIG = """\
[req]
distinguished_name = name
prompt = no
[name]
CN = ${{ENV::ORIGIN_CN}}
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = CA:FALSE
subjectKeyIdentifier = hash
subjectAltName = {names}
"""


def hosts_in(list_file):
    """The host names in a list of URLs or job lines; what cannot be read is left out."""
    with open(list_file, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            line = line.strip()
            try:
                url = json.loads(line)["url"] if line.startswith("{") else line
                host = urllib.parse.urlsplit(url if "//" in url else "//" + url).hostname
            except (ValueError, KeyError, TypeError):
                continue
            if host and not line.startswith("#"):
                yield host


def _san(name):
    try:
        return f"IP:{ipaddress.ip_address(name)}"
    except ValueError:
        return "DNS:" + (name if name.isascii() else name.encode("idna").decode())


def make(folder, names):
    """
    Writes ca.pem, leaf.pem, bad.pem (self-signed) and client.pem into the folder; all but the first
    hold their keys too. Elliptic keys, because a handshake with RSA costs ten times as much.
    """
    config = os.path.join(folder, "openssl.cnf")
    with open(config, "w", encoding="ascii") as file:
        file.write(CONFIG.format(names=", ".join(dict.fromkeys(map(_san, names)))))

    def certificate(name, common_name, extensions, *more):
        pem, key = os.path.join(folder, name + ".pem"), os.path.join(folder, name + ".key")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-noenc", "-days", "30", "-sha256", "-config", config, "-extensions", extensions,
             "-keyout", key, "-out", pem, *more],
            check=True, capture_output=True, env={**os.environ, "ORIGIN_CN": common_name})
        if name != "ca":
            with open(key, encoding="ascii") as source, open(pem, "a", encoding="ascii") as target:
                target.write(source.read())
        return pem

    authority = certificate("ca", "practice authority", "authority")
    signed = ("-CA", authority, "-CAkey", os.path.join(folder, "ca.key"))
    certificate("leaf", "practice origin", "leaf", *signed)
    certificate("client", "practice client", "leaf", *signed)
    certificate("bad", "practice origin, self-signed", "leaf")


def context(folder, name):
    """A server context. A client may show a certificate of ours; it need not."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(os.path.join(folder, name + ".pem"))
    made.load_verify_locations(os.path.join(folder, "ca.pem"))
    made.verify_mode = ssl.CERT_OPTIONAL
    made.set_alpn_protocols(["http/1.1"])
    return made
