"""Browsers as data: every way in which one leaves the Fetch standard is a named field.

A field's default is what the standard says; a profile names only its deviations, each with its
evidence. Chromium and Firefox were driven with thousands of generated exchanges, on which their
profiles agree with what was recorded; Safari's comes from WebKit's source and is unproven.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

_NOTHING: Mapping[str, re.Pattern[str]] = MappingProxyType({})


# CORS-unsafe request-header byte: below 0x20 except TAB, "():<>?@[\\]{} and DEL,
# https://fetch.spec.whatwg.org/#cors-unsafe-request-header-byte
_UNSAFE_BYTE: Final = re.compile(r'[\x00-\x08\x0a-\x1f"():<>?@\[\\\]{}\x7f]')
# A MIME type, https://mimesniff.spec.whatwg.org/#parsing-a-mime-type: HTTP whitespace may stand
# around it and before ";", and what its parameters look like does not matter.
_CONTENT_TYPE: Final = re.compile(
    r"[\t\n\r ]*(?P<essence>[^/;]+/[^;]*?)[\t\n\r ]*(?:;.*)?", re.DOTALL
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One browser's reading of CORS.

    ``proven``: agreed with recordings of the real browser (the standard: proven by definition).
    """

    name: str
    version: str
    proven: bool = True

    # The request.
    safelisted_hints: Mapping[str, re.Pattern[str]] = field(
        default_factory=lambda: _NOTHING, hash=False
    )
    """Names beyond the standard's that cost no preflight while their value matches."""
    unsafe_byte: re.Pattern[str] = _UNSAFE_BYTE
    """What may not stand in a safelisted Accept or Content-Type."""
    content_type: re.Pattern[str] = _CONTENT_TYPE
    """Finds the ``essence`` of a Content-Type that can be parsed."""
    largest_range: str | None = None
    """The largest byte position that a safelisted Range may hold, in decimal digits."""
    joins_request_headers: bool = False
    """Repeated headers are joined by ", " before they are tested and sent."""
    limits_sum: bool = True
    """More than 1024 bytes of safelisted values make all of them unsafe."""
    ignored_headers: frozenset[str] = frozenset()
    """Dropped as forbidden headers are, though the standard lets pages set them."""
    repeats_names: bool = False
    """A preflight asks for a repeated header's name as often as it is repeated."""
    upload_listeners_need_body: bool = False
    """Listeners on ``upload`` cost a preflight only where there is a body to upload."""

    # Redirects.
    redirect_drops: frozenset[str] = frozenset()
    """Headers that a redirect away from the page's origin removes."""
    redirect_restores_headers: bool = False
    """Each redirect starts again from the page's headers, so that what an earlier one removed
    (Authorization, Content-Type) comes back."""
    redirect_schemes_refused: frozenset[str] | None = None
    """A redirect to another scheme than these (and http, https) is told as a CORS failure."""
    redirect_mode_error_needs_location: bool = False
    """Redirect mode ``error`` lets a redirect without Location pass."""
    location_parsed_first: bool = False
    """A Location that is no URL fails before the CORS check."""
    userinfo_checked_first: bool = False
    """Userinfo in a Location is told before redirect mode ``error`` is."""
    redirect_mode_manual_needs_url: bool = False
    """Redirect mode ``manual`` fails where Location is no URL."""
    redirect_mode_hides_preflight_redirect: bool = False
    """With a redirect mode other than ``follow`` a redirected preflight is a status like any."""

    # The preflight.
    preflight_sticks: bool = False
    """Once a hop was preflighted, every later cross-origin hop is."""
    preflight_keeps_origin: bool = False
    """After a tainting redirect the preflight still carries the page's origin."""
    preflight_redirect_first: bool = False
    """A redirect in answer to a preflight is reported before its headers are looked at."""
    preflight_status_first: bool = False
    """The preflight's status is tested before Access-Control-Allow-Origin."""
    preflight_redirect_is_plain: bool = False
    """A preflight redirected to another scheme than HTTP's, or to a URL with userinfo, is a failed
    request and not a redirected preflight."""
    preflight_method_first: bool = False
    """The method is tested before Access-Control-Allow-Headers is parsed."""
    wildcard_covers_authorization: bool = False
    """``Access-Control-Allow-Headers: *`` covers Authorization, which must else be named."""

    # The check and the response.
    refuses_repeated_allow_origin: bool = False
    """Two lines of Access-Control-Allow-Origin, in just this case, fail whatever they hold."""
    empty_location_stays: bool = False
    """An empty Location is no redirect."""
    same_origin_userinfo_blocked: bool = False
    """A redirect of ``fetch()`` to a URL with userinfo is blocked within one origin, too."""
    no_cors_redirect_taints: bool = False
    """With mode ``no-cors`` a redirect from the page's own origin to another taints, too."""
    retries_421: bool = True
    """A 421 is asked again, once, over another connection."""
    reads_407: bool = False
    """A 407 is a response like any other."""
    merges_lines_its_own_way: bool = False
    """Repeated headers are merged by rules of their own: of responses in
    :func:`corsage.browser.fields.join`, of requests in :mod:`corsage.browser.request`."""
    singular_response_headers: frozenset[str] = frozenset()
    """Two lines of one of these that differ make the response a network error."""
    hidden_response_headers: frozenset[str] = frozenset()
    """Response headers that stay unreadable even where everything is exposed."""

    # What stops a request before CORS is asked.
    guards_local_network: bool = False
    """Local Network Access: pages need a permission to reach a more private network."""
    loopback_is_mixed_content: bool = False

    devtools: bool = False
    """Reports ``Network.CorsErrorStatus`` over the DevTools protocol."""

    # The preflight cache, in seconds.
    max_age_cap: int | None = None
    """The longest that anything is remembered."""
    max_age_signs: tuple[str, ...] = ("",)
    """Signs that may stand before the digits; with ``-`` the age is zero."""
    max_age_invalid: int = 5
    """What a value that is no number stands for."""
    max_age_largest: int | None = None
    """A larger number is none."""
    caches_wildcard: bool = True
    """``*`` in a remembered answer goes on to cover anything but Authorization."""
    caches_one_answer: bool = False
    """A new answer replaces whatever was remembered of the URL."""
    caches_tainted: bool = True
    """Preflights are remembered also where redirects have tainted the origin."""
    include_serves_omit: bool = True
    """What was remembered for a request with credentials serves requests without."""
    failed_actual_clears: bool = True
    """A CORS failure of the actual response makes the URL's preflights forgotten."""
    uncached_methods: frozenset[str] = frozenset({"GET", "HEAD", "POST"})
    """Methods that need not be remembered."""
    bypassing_cache_modes: frozenset[str] = frozenset()
    """The cache modes of ``fetch()`` that preflight in any case."""


STANDARD: Final = Profile(name="standard", version="Fetch standard, 2026-07")

_NUMBER = re.compile(r"[0-9]+")
_DECIMAL = re.compile(r"[0-9]+(?:\.[0-9]+)?")

_SINGULAR: Final = frozenset({"content-disposition", "content-length", "location"})

# Client hints are properties of the device, so Chromium lets pages set them; observed for each
# name with valid values, and that an invalid value costs a preflight.
_HINTS: Final[Mapping[str, re.Pattern[str]]] = MappingProxyType(
    {
        "device-memory": _DECIMAL,
        "dpr": _DECIMAL,
        "width": _NUMBER,
        "viewport-width": _NUMBER,
        "rtt": _NUMBER,
        "downlink": _DECIMAL,
        "ect": re.compile(r"(?:slow-2g|2g|3g|4g)"),
        "save-data": re.compile(r"on", re.IGNORECASE),
        "intervention": re.compile(r".*", re.DOTALL),
    }
)

CHROMIUM: Final = Profile(
    name="chromium",
    version="156",
    redirect_drops=frozenset(_HINTS) - {"save-data", "intervention"},
    safelisted_hints=_HINTS,
    largest_range=str(2**63 - 2),  # 2**63 - 1 is an int64, but costs a preflight as observed
    joins_request_headers=True,  # observed: 2 x 70 bytes of Accept cost a preflight
    ignored_headers=frozenset({"user-agent"}),
    preflight_redirect_first=True,
    wildcard_covers_authorization=True,  # whatwg/fetch#1919
    upload_listeners_need_body=True,
    empty_location_stays=True,
    redirect_mode_error_needs_location=True,
    location_parsed_first=True,
    redirect_mode_manual_needs_url=True,
    userinfo_checked_first=True,
    redirect_schemes_refused=frozenset(
        {"about", "blob", "chrome", "data", "file", "filesystem", "view-source"}
    ),
    singular_response_headers=_SINGULAR,  # net::ERR_RESPONSE_HEADERS_MULTIPLE_LOCATION etc.
    same_origin_userinfo_blocked=True,
    no_cors_redirect_taints=True,  # observed: a POST goes on with "Origin: null"
    hidden_response_headers=frozenset({"clear-site-data"}),
    guards_local_network=True,
    devtools=True,
    max_age_cap=7200,  # kMaxTimeout in services/network/cors/preflight_result.cc
    caches_one_answer=True,  # observed: PUT, DELETE, PUT preflight three times
    caches_tainted=False,  # observed: such a request preflights every turn of a redirect loop
    max_age_signs=("", "+", "-"),
    max_age_largest=2**63 - 1,
    bypassing_cache_modes=frozenset({"no-store", "reload", "no-cache"}),
    failed_actual_clears=False,
)

FIREFOX: Final = Profile(
    name="firefox",
    version="153 ESR",
    limits_sum=False,
    # Bytes are compared as signed, so that what is not ASCII is below 0x20.
    unsafe_byte=re.compile(_UNSAFE_BYTE.pattern[:-1] + r"\x80-\U0010ffff]"),
    # net_ParseRequestContentType in netwerk/base/nsURLHelper.cpp: no comma, no ";" at the end but
    # the first one, and anything between type and first ";".
    content_type=re.compile(r"(?P<essence>[^;,\t ]+)(?:[^;,]*;(?:[^,]*[^,;])?)?", re.DOTALL),
    largest_range=str(2**64 - 1),
    repeats_names=True,
    redirect_restores_headers=True,
    location_parsed_first=True,
    redirect_mode_hides_preflight_redirect=True,
    merges_lines_its_own_way=True,
    singular_response_headers=_SINGULAR,  # NS_ERROR_CORRUPTED_CONTENT
    preflight_sticks=True,
    preflight_keeps_origin=True,
    preflight_method_first=True,
    preflight_redirect_is_plain=True,
    # Pref network.cors_preflight.authorization_covered_by_wildcard, default true.
    wildcard_covers_authorization=True,
    refuses_repeated_allow_origin=True,
    reads_407=True,
    guards_local_network=True,  # prefs network.lna.enabled and network.lna.blocking
    max_age_cap=86400,
    max_age_invalid=0,
    uncached_methods=frozenset({"GET", "POST"}),
    bypassing_cache_modes=frozenset({"no-store", "reload"}),
    caches_wildcard=False,
    include_serves_omit=False,
)

SAFARI: Final = Profile(
    name="safari",
    version="WebKit source, 2025",
    proven=False,
    joins_request_headers=True,
    preflight_status_first=True,
    wildcard_covers_authorization=True,
    loopback_is_mixed_content=True,
    max_age_cap=600,
    max_age_signs=("", "+"),
)

PROFILES: Final[Mapping[str, Profile]] = MappingProxyType(
    {profile.name: profile for profile in (STANDARD, CHROMIUM, FIREFOX, SAFARI)}
)
"""Every profile by name."""

PROVEN: Final = tuple(profile for profile in PROFILES.values() if profile.proven)
"""The profiles that :func:`~corsage.browser.judge.judge` asks when none is named."""
