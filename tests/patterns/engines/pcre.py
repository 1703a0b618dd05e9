"""PCRE2 as nginx, HAProxy and Apache load it: the system's library, bytes, no flags but case."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence

_CASELESS, _ANCHORED, _ENDANCHORED = 0x8, 0x80000000, 0x20000000
_OPTIONS = {"search": 0, "prefix": _ANCHORED, "full": _ANCHORED | _ENDANCHORED}

_library = ctypes.CDLL("libpcre2-8.so.0")
_compile = _library.pcre2_compile_8
_compile.restype = ctypes.c_void_p
_compile.argtypes = [
    ctypes.c_char_p,
    ctypes.c_size_t,
    ctypes.c_uint32,
    ctypes.POINTER(ctypes.c_int),
    ctypes.POINTER(ctypes.c_size_t),
    ctypes.c_void_p,
]
_match_data = _library.pcre2_match_data_create_from_pattern_8
_match_data.restype = ctypes.c_void_p
_match_data.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
_match = _library.pcre2_match_8
_match.restype = ctypes.c_int
_match.argtypes = [
    ctypes.c_void_p,
    ctypes.c_char_p,
    ctypes.c_size_t,
    ctypes.c_size_t,
    ctypes.c_uint32,
    ctypes.c_void_p,
    ctypes.c_void_p,
]
_free_code, _free_data = _library.pcre2_code_free_8, _library.pcre2_match_data_free_8
_free_code.argtypes = _free_data.argtypes = [ctypes.c_void_p]


def pcre(pattern: str, match: str, ignore_case: bool, texts: Sequence[str]) -> list[bool] | None:
    """Which texts match; None if PCRE2 refuses the pattern."""
    source = pattern.encode()
    options = _OPTIONS[match] | (_CASELESS if ignore_case else 0)
    error, offset = ctypes.c_int(), ctypes.c_size_t()
    code = _compile(source, len(source), options, error, offset, None)
    if not code:
        return None
    data = _match_data(code, None)
    found = [_match(code, t.encode(), len(t.encode()), 0, 0, data, None) for t in texts]
    _free_data(data)
    _free_code(code)
    assert all(count >= -1 for count in found), f"PCRE2 gave up: {min(found)}"
    return [count >= 0 for count in found]
