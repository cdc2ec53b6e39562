"""Addresses that a turn's sound may come from, and how they are shown.

Pure. A name is judged by the numbers that it resolves to, at the moment at which they are connected to.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

from mien.arguments import refuse
from mien.errors import AudioRejected
from mien.messages import printable, quoted

SCHEMES: Final = ("http", "https")

_LONGEST_NAME: Final = 160
_LONGEST_REASON: Final = 400

# Each takes time linear in the text, which may be anybody's: none looks at a character from many beginnings.
_SECRET = re.compile(r"(?<=[A-Za-z0-9+.-]{2})(:/+)[^/\s?#]*@")
_QUERY = re.compile(r"(?<=[A-Za-z0-9+.-]{2}://)([^\s?#]*+)(\?[^\s'\"]*)?")
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
_GLOBAL_UNICAST: Final = ipaddress.ip_network("2000::/3")


def without_secrets(text: str) -> str:
    """Text whose addresses show neither a user nor a password, nor a query, which may hold a key."""
    return _QUERY.sub(lambda found: found[1] + ("?..." if found[2] else ""), _SECRET.sub(r"\1", text))


def reason_of(error: BaseException) -> str:
    """What an error says, for the middle of a sentence, without secrets; never empty."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return printable(without_secrets(str(text)).rstrip("."), _LONGEST_REASON)


def is_public(number: str) -> bool:
    """Whether an IP address is one of the open internet: not this machine, its network, a link, a test range,
    or a group. One that carries an IPv4 address inside is judged by that."""
    try:
        found = ipaddress.ip_address(number)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if inner is None and found in _NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if found.teredo is not None or found not in _GLOBAL_UNICAST:
            return False
    return found.is_global and not found.is_multicast


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """Which machines a turn's sound may come from. It holds for every redirect, too."""

    private: bool = False
    """Any machine at all. False: public ones only, so not this one nor those of its network."""
    hosts: tuple[str, ...] = ()
    """Names or numbers, as they stand in addresses, that may be used wherever they lead."""
    public: bool = True
    """Public machines at all. False: those that `hosts` names, and no others."""

    def __post_init__(self) -> None:
        given: object = self.hosts
        if not isinstance(given, tuple) or not all(isinstance(name, str) for name in given):
            refuse("hosts of a policy", given, "a tuple of names")
        for name in ("private", "public"):
            if not isinstance(getattr(self, name), bool):
                refuse(f"{name} of a policy", getattr(self, name), "True or False")

    def allows(self, host: str, number: str) -> bool:
        """Whether `host`, which resolves to the IP address `number`, may be connected to."""
        return self.private or host in map(str.lower, self.hosts) or (self.public and is_public(number))


PUBLIC: Final = AddressPolicy()
"""What a conversation file may name, unless its host says otherwise."""


@dataclass(frozen=True, slots=True, repr=False)
class Address:
    """An http or https address of a turn's sound, and what it may lead to.

    A plain string that a host says is trusted as far as it goes: its own machine may be anywhere, those that
    it redirects to must be public. Raises AudioRejected for what is no such address.
    """

    url: str
    """As it is asked for; a user and password in it go to its host only."""
    policy: AddressPolicy = PUBLIC
    """Which machines it, and what it redirects to, may lead to."""

    def __post_init__(self) -> None:
        if not isinstance(self.url, str):
            raise AudioRejected(f"an address of audio cannot be {quoted(self.url)}: write https://host/path.")
        if not isinstance(self.policy, AddressPolicy):
            refuse("the policy of an address", self.policy, "a mien.AddressPolicy")
        scheme = self.url.partition(":")[0].lower()
        if scheme not in SCHEMES:
            raise AudioRejected(
                f"audio at {printable(scheme, 20)}://...: only http and https addresses are opened; give a "
                "path, bytes or a file object for all else."
            )
        try:
            parts = self.parts
            complete = bool(parts.hostname) and parts.port != 0
        except ValueError:
            complete = False
        if not complete or re.search(r"[\x00-\x20\x7f\\]", self.url):
            # Not shown: where its password ends cannot be told.
            raise AudioRejected("an address of audio names no valid host and port; write https://host/path.")
        if not self.policy.allows(self.host, self.host) and _is_number(self.host):
            raise AudioRejected(refusal(self.name, self.host, self.host, self.policy))

    def __repr__(self) -> str:
        return f"Address({without_secrets(self.url)!r}, {self.policy})"

    @classmethod
    def of(cls, url: str) -> Address:
        """One that a host names itself."""
        address = cls(url, AddressPolicy(private=True))
        return cls(url, AddressPolicy(hosts=(address.host,)))

    @property
    def parts(self) -> SplitResult:
        """The address taken apart."""
        return urlsplit(self.url)

    @property
    def host(self) -> str:
        """Name or number of the machine, in lower case."""
        return self.parts.hostname or ""

    @property
    def ascii_host(self) -> str:
        """The host as the network knows it: in ASCII, whatever letters it has. Raises UnicodeError."""
        return self.host if self.host.isascii() else self.host.encode("idna").decode()

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.parts.port or (443 if self.parts.scheme == "https" else 80)

    @property
    def name(self) -> str:
        """What to call it in messages."""
        return printable(without_secrets(f"audio at {self.url}"), _LONGEST_NAME)


def refusal(name: str, host: str, number: str, policy: AddressPolicy = PUBLIC) -> str:
    """What is said of an address that a policy does not allow."""
    where = "it" if host == number else quoted(host)
    if not policy.public:
        return f"{name} is not opened: {where} leads to {number}, and only hosts that are named may be used."
    return (
        f"{name} is not opened: {where} leads to {number}, which is not public; name a public machine, or "
        "give mien.AddressPolicy(private=True) in a program that trusts it."
    )


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
