"""An authenticator in software, which tests can make lie. Source: W3C WebAuthn, level 3, sections 6.1 and 6.5."""

import base64
import hashlib
import json
import secrets
import struct
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, WITH_KEY = 0x01, 0x04, 0x40
Credential = dict[str, Any]


class Authenticator:
    """One passkey. `count` goes up with every answer; `key` signs."""

    def __init__(self, *, origin: str = "http://localhost") -> None:
        self.origin = origin
        self.host = origin.split("//")[1].split(":")[0]
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(16)
        self.count = 0

    def make(self, challenge: str, **told: Any) -> Credential:
        """What a browser answers to `navigator.credentials.create`."""
        point = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)}
        data = self._data(PRESENT | VERIFIED | WITH_KEY)
        data += bytes(16) + struct.pack(">H", len(self.id)) + self.id + cbor2.dumps(cose)
        attested = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", challenge, told)
        return self._credential(clientDataJSON=client, attestationObject=attested)

    def answer(self, asked: str, *, flags: int = PRESENT | VERIFIED, handle: bytes = b"", **told: Any) -> Credential:
        """What a browser answers to `navigator.credentials.get`."""
        self.count += 1
        data, client = self._data(flags), self._client("webauthn.get", asked, told)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        parts = {"userHandle": handle} if handle else {}
        return self._credential(clientDataJSON=client, authenticatorData=data, signature=signature, **parts)

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + struct.pack(">I", self.count)

    def _client(self, kind: str, challenge: str, told: dict[str, Any]) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, **told}).encode()

    def _credential(self, **parts: bytes) -> Credential:
        response = {name: plain(value) for name, value in parts.items()}
        return {"id": plain(self.id), "rawId": plain(self.id), "type": "public-key", "response": response}


def plain(value: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
