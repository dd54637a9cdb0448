"""A push service on this machine, and a browser that subscribed at it: it decrypts what arrives and checks who sent it.

Decryption is written here from RFC 8188 and RFC 8291, and not taken from what encrypts.
"""

import json
import os
import struct
import threading
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

LOOKS_EVERY = 0.01
"""Seconds in which the server sees that it shall end."""


def b64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _derive(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(secret)


@dataclass
class Received:
    """One message: what it said, and what its sender said about itself."""

    payload: dict[str, Any]
    headers: dict[str, str]
    claims: dict[str, Any]
    key: str


@dataclass
class Browser:
    """One subscription, with the browser's private key."""

    endpoint: str
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    secret: bytes = field(default_factory=lambda: os.urandom(16))

    @property
    def point(self) -> bytes:
        form = serialization.PublicFormat.UncompressedPoint
        return self.private.public_key().public_bytes(serialization.Encoding.X962, form)

    @property
    def subscription(self) -> dict[str, str]:
        return {"endpoint": self.endpoint, "p256dh": b64(self.point), "auth": b64(self.secret)}

    def decrypt(self, body: bytes) -> bytes:
        """RFC 8291, section 4: one record of aes128gcm."""
        salt, size, length = body[:16], struct.unpack("!L", body[16:20])[0], body[20]
        theirs, sealed = body[21 : 21 + length], body[21 + length :]
        assert len(body) <= size + 86, "one record"
        shared = self.private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs))
        secret = _derive(shared, self.secret, b"WebPush: info\0" + self.point + theirs, 32)
        key = _derive(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _derive(secret, salt, b"Content-Encoding: nonce\0", 12)
        plain = AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\0")
        assert plain[-1:] == b"\x02", "the last record"
        return plain[:-1]


class PushService:
    """Answers with `answers` one after the other, then with 201. `received` is what it took."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.posts = 0
        self.browsers: dict[str, Browser] = {}
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                service._take(self)

            def log_message(self, *_: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=[LOOKS_EVERY], daemon=True)

    def __enter__(self) -> "PushService":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def subscribe(self) -> Browser:
        path = f"/push/{b64(os.urandom(12))}"
        self.browsers[path] = Browser(f"{self.url}{path}")
        return self.browsers[path]

    def told(self) -> list[str]:
        return [each.payload["title"] for each in self.received]

    def _take(self, request: BaseHTTPRequestHandler) -> None:
        self.posts += 1
        body = request.rfile.read(int(request.headers["content-length"]))
        status, headers = self.answers.pop(0) if self.answers else (201, {})
        if status in (201, -1):
            self.received.append(self._open(request, body))
        if status == -1:  # took it, and was gone before it answered
            request.connection.close()
            return
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("content-length", "0")
        request.end_headers()

    def _open(self, request: BaseHTTPRequestHandler, body: bytes) -> Received:
        headers = {name.lower(): value for name, value in request.headers.items()}
        parts = dict(each.strip().split("=", 1) for each in headers["authorization"].removeprefix("vapid ").split(","))
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unb64(parts["k"]))
        claims = jwt.decode(parts["t"], public, algorithms=["ES256"], audience=self.url)
        payload = json.loads(self.browsers[request.path].decrypt(body))
        return Received(payload, headers, claims, parts["k"])
