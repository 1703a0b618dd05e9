"""URLs as browsers parse them (https://url.spec.whatwg.org/), as far as CORS needs.

Exact for the special schemes (``http``, ``https``, ``ws``, ``wss``, ``ftp``) with one limit: host
names outside ASCII go through Python's Unicode tables, not through the full mapping of UTS 46, so
characters that UTS 46 refuses by a rule of its own may pass. Other schemes are parsed as the
standard says, without the quirks of ``file:`` drive letters.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache

DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443, "ftp": 21, "file": None}
"""The special schemes and their default ports, https://url.spec.whatwg.org/#special-scheme."""

_C0_AND_SPACE = "".join(map(chr, range(0x21)))
_TAB_AND_NEWLINE = str.maketrans("", "", "\t\n\r")

# URL-scheme string: ASCII alpha, then ASCII alphanumeric, "+", "-" or "."
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(.*)", re.DOTALL)

# The percent-encode sets, https://url.spec.whatwg.org/#percent-encoded-bytes, each as the ASCII
# that it adds to the controls and to everything above 0x7E.
_FRAGMENT = ' "<>`'
_QUERY = ' "#<>'
_SPECIAL_QUERY = _QUERY + "'"
_PATH = _QUERY + "?^`{}"
_USERINFO = _PATH + "/:;=@[\\]|"


def _escapes(ascii_set: str) -> re.Pattern[str]:
    # By what is left out: a class that reaches up to U+10FFFF takes ten milliseconds to compile.
    return re.compile(f"[{re.escape(ascii_set)}]|[^ -~]" if ascii_set else "[^ -~]")


_ESCAPED = {
    name: _escapes(name) for name in ("", _FRAGMENT, _QUERY, _SPECIAL_QUERY, _PATH, _USERINFO)
}

_FORBIDDEN_HOST = frozenset("\0\t\n\r #/:<>?@[\\]^|")
_FORBIDDEN_DOMAIN = _FORBIDDEN_HOST | frozenset(map(chr, range(0x20))) | {"%", "\x7f"}
_PERCENT_ENCODED = re.compile(rb"%([0-9A-Fa-f]{2})")
# Categories that no host name may hold: controls, surrogates, private use, unassigned, blanks.
_DISALLOWED_CATEGORIES = frozenset({"Cc", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"})
_LONGEST = 1 << 20


@dataclass(frozen=True, slots=True)
class Url:
    """A parsed URL. ``path`` is serialised; ``host`` is None where the URL has none."""

    scheme: str
    username: str = ""
    password: str = ""
    host: str | None = None
    port: int | None = None
    path: str = ""
    opaque_path: bool = False
    query: str | None = None
    fragment: str | None = None

    @property
    def is_special(self) -> bool:
        """Whether the scheme is one of :data:`DEFAULT_PORTS`."""
        return self.scheme in DEFAULT_PORTS

    @property
    def is_http(self) -> bool:
        """Whether the scheme is an HTTP(S) scheme, https://fetch.spec.whatwg.org/#http-scheme."""
        return self.scheme in {"http", "https"}

    @property
    def has_credentials(self) -> bool:
        """Whether it includes credentials, https://url.spec.whatwg.org/#include-credentials."""
        return bool(self.username or self.password)

    @property
    def origin(self) -> str:
        """The serialised origin, https://url.spec.whatwg.org/#origin; ``"null"`` if opaque."""
        if self.scheme == "blob":
            inner = parse(self.path) if self.opaque_path else None
            return inner.origin if inner is not None and inner.is_http else "null"
        if not self.is_special or self.scheme == "file":
            return "null"
        return f"{self.scheme}://{self.authority}"

    @property
    def authority(self) -> str:
        """Host and, unless it is the scheme's default, port: ``example.com:8080``."""
        return f"{self.host}" if self.port is None else f"{self.host}:{self.port}"

    @property
    def href(self) -> str:
        """The URL serialised, https://url.spec.whatwg.org/#url-serializing."""
        out = self.scheme + ":"
        if self.host is not None:
            userinfo = self.username + (f":{self.password}" if self.password else "")
            out += f"//{userinfo}@{self.authority}" if userinfo else f"//{self.authority}"
        elif not self.opaque_path and self.path.startswith("//"):
            out += "/."
        out += self.path
        if self.query is not None:
            out += "?" + self.query
        return out if self.fragment is None else f"{out}#{self.fragment}"

    def without_fragment(self) -> Url:
        """The same URL as it is put on the wire and compared by caches."""
        return self if self.fragment is None else replace(self, fragment=None)


@lru_cache(maxsize=1024)
def parse(text: str, base: Url | None = None) -> Url | None:
    """The URL that ``text`` stands for, relative to ``base``; None where browsers refuse it."""
    if len(text) > _LONGEST:
        return None
    try:
        text.encode()
    except UnicodeEncodeError:  # a lone surrogate is a replacement character in a USVString
        text = re.sub("[\ud800-\udfff]", "\ufffd", text)
    text = text.strip(_C0_AND_SPACE).translate(_TAB_AND_NEWLINE)
    text, hash_mark, after = text.partition("#")
    fragment = _encode(after, _FRAGMENT) if hash_mark else None
    match = _SCHEME.fullmatch(text)
    url = _absolute(match[1].lower(), match[2], base) if match else _relative(text, base)
    if url is None:
        return None
    return url if fragment is None else replace(url, fragment=fragment)


def _absolute(scheme: str, rest: str, base: Url | None) -> Url | None:
    rest, question, query_text = rest.partition("?")
    special = scheme in DEFAULT_PORTS
    query = _encode(query_text, _SPECIAL_QUERY if special else _QUERY) if question else None
    if special:
        if base is not None and base.scheme == scheme and not _slashes(rest) > 1:
            return _relative(f"{rest}?{query_text}" if question else rest, base)
        if scheme == "file":
            return _file(rest, query)
        return _with_authority(scheme, rest.lstrip("/\\"), query)
    if rest.startswith("//"):
        return _with_authority(scheme, rest[2:], query)
    if rest.startswith("/"):
        return Url(scheme, path=_path(rest, special=False), query=query)
    return Url(scheme, path=_encode(rest, ""), opaque_path=True, query=query)


def _relative(text: str, base: Url | None) -> Url | None:
    if base is None:
        return None
    if base.opaque_path:
        return None if text else replace(base, fragment=None)
    special = base.is_special
    path, question, query_text = text.partition("?")
    query = _encode(query_text, _SPECIAL_QUERY if special else _QUERY) if question else None
    if special:
        path = path.replace("\\", "/")
    if path.startswith("//"):
        if base.scheme == "file":
            return _file(path, query)
        rest = path.lstrip("/") if special else path[2:]
        return _with_authority(base.scheme, rest, query)
    if path.startswith("/"):
        return replace(base, path=_path(path, special), query=query, fragment=None)
    if not path:
        kept = query if question else base.query
        return replace(base, query=kept, fragment=None)
    folder = base.path[: base.path.rfind("/") + 1] or "/"
    return replace(base, path=_path(folder + path, special), query=query, fragment=None)


def _slashes(text: str) -> int:
    return len(text) - len(text.lstrip("/\\"))


def _file(rest: str, query: str | None) -> Url | None:
    if _slashes(rest) < 2:
        return Url("file", host="", path=_path("/" + rest.lstrip("/\\"), special=True), query=query)
    rest = rest[2:].replace("\\", "/")
    name, slash, path = rest.partition("/")
    host = _host(name, special=True) if name else ""
    if host is None:
        return None
    host = "" if host == "localhost" else host
    return Url("file", host=host, path=_path(slash + path, special=True), query=query)


def _with_authority(scheme: str, rest: str, query: str | None) -> Url | None:
    special = scheme in DEFAULT_PORTS
    end = next((i for i, c in enumerate(rest) if c == "/" or (special and c == "\\")), len(rest))
    userinfo, at, host_port = rest[:end].rpartition("@")
    username, _, password = userinfo.partition(":")
    colon = host_port.find(":", host_port.find("]") + 1)
    name, port_text = (host_port, "") if colon < 0 else (host_port[:colon], host_port[colon + 1 :])
    if not name and (special or at or colon >= 0):
        return None
    host = _host(name, special)
    port = _port(port_text)
    if host is None or port is None:
        return None
    return Url(
        scheme,
        username=_encode(username, _USERINFO),
        password=_encode(password, _USERINFO),
        host=host,
        port=None if port in (-1, DEFAULT_PORTS.get(scheme)) else port,
        path=_path(rest[end:], special),
        query=query,
    )


def _port(text: str) -> int | None:
    """The port; -1 where none is written, None where it is no port."""
    if not text:
        return -1
    if not (text.isascii() and text.isdigit()):
        return None
    digits = text.lstrip("0") or "0"
    return int(digits) if len(digits) < 6 and int(digits) <= 0xFFFF else None


def _path(text: str, special: bool) -> str:
    """The path state, https://url.spec.whatwg.org/#path-state, on a whole path at once."""
    if not text and not special:
        return ""
    if special:
        text = text.replace("\\", "/")
    segments = text.removeprefix("/").split("/")
    kept: list[str] = []
    for position, segment in enumerate(segments):
        dots = segment.lower().replace("%2e", ".") if len(segment) <= 6 else segment
        if dots == "..":
            if kept:
                kept.pop()
        elif dots != ".":
            kept.append(_encode(segment, _PATH))
            continue
        if position == len(segments) - 1:
            kept.append("")
    return "/" + "/".join(kept)


def _encode(text: str, ascii_set: str) -> str:
    return _ESCAPED[ascii_set].sub(_percent, text)


def _percent(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode())


def _host(text: str, special: bool) -> str | None:
    """The host parser, https://url.spec.whatwg.org/#concept-host-parser, serialised."""
    if text.startswith("["):
        return _ipv6(text[1:-1]) if text.endswith("]") else None
    if not special:
        return None if _FORBIDDEN_HOST.intersection(text) else _encode(text, "")
    if "%" in text:
        raw = _PERCENT_ENCODED.sub(lambda m: bytes([int(m[1], 16)]), text.encode())
        text = raw.decode(errors="replace")
    domain = _domain_to_ascii(text)
    if domain is None or not domain or _FORBIDDEN_DOMAIN.intersection(domain):
        return None
    return _ipv4(domain) if _ends_in_a_number(domain) else domain


def _domain_to_ascii(domain: str) -> str | None:
    if domain.isascii():
        domain = domain.lower()
        if "xn--" not in domain:
            return domain
    mapped = "".join(c.lower() for c in domain if c not in "\u00ad\u200b\u2060\ufeff")
    mapped = unicodedata.normalize("NFKC", mapped)
    mapped = "".join(c.lower() for c in mapped).replace("\u3002", ".")
    labels = [_label_to_ascii(label) for label in mapped.split(".")]
    return None if None in labels else ".".join(map(str, labels))


def _label_to_ascii(label: str) -> str | None:
    if label.startswith("xn--"):
        try:
            decoded = label[4:].encode("ascii").decode("punycode")
        except (UnicodeError, OverflowError):
            return None
        usable = decoded and not decoded.isascii() and decoded == decoded.lower()
        return label if usable and _assigned(decoded) else None
    if label.isascii():
        return label
    if not _assigned(label) or unicodedata.category(label[0]).startswith("M"):
        return None
    return "xn--" + label.encode("punycode").decode("ascii")


def _assigned(label: str) -> bool:
    return "\ufffd" not in label and not any(
        unicodedata.category(c) in _DISALLOWED_CATEGORIES for c in label
    )


def _ends_in_a_number(domain: str) -> bool:
    last = domain.removesuffix(".").rpartition(".")[2]
    return bool(last) and (last.isdigit() or _ipv4_number(last) is not None)


def _ipv4_number(text: str) -> int | None:
    """https://url.spec.whatwg.org/#ipv4-number-parser"""
    digits, base = text, 10
    if text.startswith(("0x", "0X")):
        digits, base = text[2:], 16
    elif len(text) > 1 and text.startswith("0"):
        digits, base = text[1:], 8
    if not digits and base == 16:
        return 0
    allowed = "0123456789abcdef"[:base]
    if not digits or any(c not in allowed for c in digits.lower()):
        return None
    digits = digits.lstrip("0") or "0"
    # More digits than any address needs: too large, and int() would take its time.
    return int(digits, base) if len(digits) <= 12 else 1 << 40


def _ipv4(domain: str) -> str | None:
    """https://url.spec.whatwg.org/#concept-ipv4-parser"""
    parts = domain.removesuffix(".").split(".")
    if len(parts) > 4:
        return None
    numbers = [_ipv4_number(part) for part in parts]
    if any(n is None for n in numbers):
        return None
    *high, last = (int(str(n)) for n in numbers)
    if any(n > 0xFF for n in high) or last >= 256 ** (4 - len(high)):
        return None
    address = last + sum(n << (8 * (3 - i)) for i, n in enumerate(high))
    return ".".join(str(address >> shift & 0xFF) for shift in (24, 16, 8, 0))


def _ipv6(text: str) -> str | None:
    if "%" in text or not text.isascii():
        return None
    try:
        packed = ipaddress.IPv6Address(text).packed
    except ValueError:
        return None
    pieces = [packed[i] << 8 | packed[i + 1] for i in range(0, 16, 2)]
    return f"[{_compress(pieces)}]"


def _compress(pieces: list[int]) -> str:
    """https://url.spec.whatwg.org/#concept-ipv6-serializer (never with a dotted quad)."""
    text = ":".join(f"{piece:x}" for piece in pieces)
    runs = re.findall(r"(?:(?<=:)|^)0(?::0)+(?=:|$)", text)
    if not runs:
        return text
    longest = max(runs, key=len)
    before, _, after = f":{text}:".partition(f":{longest}:")
    return f"{before.removeprefix(':')}::{after.removesuffix(':')}"
