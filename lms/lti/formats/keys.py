"""Key pairs for signing: RS256 (Security Framework 1.0, 6.2), as JSON Web Keys, and sealed for the database."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from jwt import PyJWK, PyJWTError
from jwt.algorithms import RSAAlgorithm

ALGORITHM = "RS256"
KEY_BITS = 2048
NONCE_OCTETS = 12


class UnreadableKeyError(Exception):
    """A sealed key that this secret does not open: the secret of the settings was changed."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key as whoever signs needs it: its id, and the key itself as PEM."""

    kid: str
    private_pem: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A new key pair. `public_jwk`: what a platform reads; `kid` is its thumbprint (RFC 7638)."""

    kid: str
    private_pem: str = field(repr=False)
    public_jwk: dict[str, Any]


def new_key_pair() -> KeyPair:
    """Make one. It takes a tenth of a second or more: not inside a transaction."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    jwk: dict[str, Any] = json.loads(RSAAlgorithm.to_jwk(private.public_key()))
    public = {name: jwk[name] for name in ("kty", "n", "e")}
    kid = thumbprint(public)
    return KeyPair(kid, pem, public | {"kid": kid, "alg": ALGORITHM, "use": "sig"})


def thumbprint(public: dict[str, Any]) -> str:
    """What an RSA key is called after: SHA-256 of its own members in order (RFC 7638, 3)."""
    canonical = json.dumps({name: public[name] for name in ("e", "kty", "n")}, separators=(",", ":"), sort_keys=True)
    return base64.urlsafe_b64encode(hashlib.sha256(canonical.encode()).digest()).rstrip(b"=").decode()


def rs256_bits(jwk: dict[str, Any]) -> int:
    """How large a platform's public key is, when it may sign with RS256 and has a name; else 0."""
    if jwk.get("kty") != "RSA" or jwk.get("use", "sig") != "sig" or jwk.get("alg", ALGORITHM) != ALGORITHM:
        return 0
    if not isinstance(jwk.get("kid"), str):
        return 0
    try:
        bits: int = PyJWK({name: jwk[name] for name in ("kty", "n", "e")}, algorithm=ALGORITHM).key.key_size
    except (PyJWTError, KeyError, ValueError, TypeError):
        return 0
    return bits


def seal(pair: KeyPair, secret: str) -> bytes:
    """The private key, so that only this secret opens it, and only under the name of this key."""
    nonce = os.urandom(NONCE_OCTETS)
    return nonce + _cipher(secret).encrypt(nonce, pair.private_pem.encode(), pair.kid.encode())


def unseal(sealed: bytes, kid: str, secret: str) -> SigningKey:
    """The key that was sealed. Raises `UnreadableKeyError`."""
    nonce, box = sealed[:NONCE_OCTETS], sealed[NONCE_OCTETS:]
    try:
        return SigningKey(kid, _cipher(secret).decrypt(nonce, box, kid.encode()).decode())
    except (InvalidTag, ValueError) as error:
        raise UnreadableKeyError(kid) from error


def _cipher(secret: str) -> AESGCM:
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"leerlabo lti tool key")
    return AESGCM(derived.derive(secret.encode()))
