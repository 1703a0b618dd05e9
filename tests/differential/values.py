"""What the axes of the generator may hold: valid, odd and broken, table by table.

Tokens are those of :mod:`.plan`. Several strings in a tuple are several header lines.
"""

from __future__ import annotations

from tests.differential.plan import Lines

LONG = "x" * 128
TOO_LONG = "x" * 129

METHODS = (
    "GET", "get", "HEAD", "POST", "post", "PUT", "put", "DELETE", "delete", "OPTIONS",
    "PATCH", "patch", "Patch", "QUERY", "query", "CHICKEN", "chicken", "*", "PROPFIND",
)  # fmt: skip

ORDINARY_HEADERS: dict[str, tuple[str, ...]] = {
    "Accept": (
        "*/*", "application/json", "text/html, */*;q=0.1", "", "a\tb", 'a;b="c"', "(x)", "a@b",
        "a:b", "ä", "\x7f", LONG, TOO_LONG,
    ),
    "Accept-Language": (
        "en", "de-AT, de;q=0.5", "*", "", "en_US", "en@", "ä", "en-US;q=0.8, en=1.", LONG, TOO_LONG,
    ),
    "Content-Language": ("en", "de-AT, de", "", "en_US", "x/y", LONG, TOO_LONG),
    "Content-Type": (
        "text/plain", "TEXT/PLAIN", "text/plain;charset=utf-8", "text/plain; charset=UTF-8",
        "application/x-www-form-urlencoded", "application/X-WWW-Form-Urlencoded",
        "multipart/form-data", "multipart/form-data; boundary=x", "application/json",
        "application/json; charset=utf-8", "application/csp-report", "text/xml", "text/html", "",
        "text/plain, application/json", "application/json, text/plain", "text/plain;a=b, x/y",
        "text/plain;", "text/plain;;", "text/plain ; x=y", "text/plain\t;x=y", 'text/plain;x="y"',
        "text", "/", "text/", "text/plain/x", "text /plain", "text/ plain", "text/plain;charset",
        "text/plain;charset=", "text/plain; =x", "text/plain;é=1", "text/plain;a=é", "tëxt/plain",
        "text/plain;x=(y)", "text/plain;" + "x" * 117, "text/plain;" + "x" * 118, "*/*",
        "text/plain boundary", "application/x-protobuf", "application/graphql",
    ),
    "Range": (
        "bytes=0-10", "bytes=0-", "bytes=-10", "bytes=10-5", "bytes=5-5", "bytes=0-10,20-30",
        "bytes=0-10, 20-", "Bytes=0-10", "bytes = 0-10", "bytes=0 - 10", "bytes= 0-10", "bytes=0",
        "bytes=", "bytes=-", "bytes=a-b", "bytes=00-010", "items=0-1", "", "bytes=0-10;x",
        "bytes=9223372036854775806-", "bytes=9223372036854775807-", "bytes=+1-2", "bytes=0-10\t",
    ),
    "X-Custom": ("1", "", "a, b", "ä", LONG, TOO_LONG),
    "Authorization": ("Bearer x", "Basic dTpw", ""),
    "X-Requested-With": ("XMLHttpRequest",),
    "X-Other": ("1",),
    "If-None-Match": ('"x"',),
    "If-Modified-Since": ("Thu, 01 Jan 2026 00:00:00 GMT",),
    "Cache-Control": ("no-cache", "max-age=0"),
    "Pragma": ("no-cache",),
    "Content-Encoding": ("identity",),
    "X-REQUEST-ID": ("1",),
    "traceparent": ("00-0-0-01",),
    "Last-Event-ID": ("1", "ä", LONG, TOO_LONG),
    "Purpose": ("prefetch", "x"),
    "Upgrade-Insecure-Requests": ("1", "0"),
    "*": ("1",),
    "Access-Control-Allow-Origin": ("*",),
    "User-Agent": ("corsage",),
    "DPR": ("2", "1.5", "x", "", "-1", "2x"),
    "Width": ("100", "x"),
    "Viewport-Width": ("100", "1e2"),
    "Device-Memory": ("8", "0.5", "x"),
    "RTT": ("100", "1.5", "x"),
    "Downlink": ("1.5", "x"),
    "ECT": ("4g", "5g", "slow-2g"),
    "Save-Data": ("on", "ON", "off", ""),
    "Priority": ("u=1",),
    "Service-Worker": ("script",),
    "idempotency-key": ("1",),
}  # fmt: skip

FORBIDDEN_HEADERS: dict[str, tuple[str, ...]] = {
    "Accept-Charset": ("utf-8",),
    "Accept-Encoding": ("gzip",),
    "Access-Control-Request-Headers": ("x-y",),
    "Access-Control-Request-Method": ("PUT",),
    "Access-Control-Request-Private-Network": ("true",),
    "Connection": ("close",),
    "Content-Length": ("9",),
    "Cookie": ("a=b",),
    "Cookie2": ("a=b",),
    "DNT": ("1",),
    "Date": ("x",),
    "Expect": ("100-continue",),
    "Host": ("x.example",),
    "Keep-Alive": ("1",),
    "Origin": ("http://x.example",),
    "Proxy-Foo": ("1",),
    "Referer": ("http://x.example",),
    "Sec-Foo": ("1",),
    "Set-Cookie": ("a=b",),
    "TE": ("trailers",),
    "Trailer": ("x",),
    "Transfer-Encoding": ("chunked",),
    "Upgrade": ("x",),
    "Via": ("x",),
    "X-HTTP-Method": ("PUT", "TRACE"),
    "X-HTTP-Method-Override": ("DELETE", "trace", "a, CONNECT", "PUT,TRACK ", "xTRACE"),
    "X-Method-Override": ("PATCH", "connect"),
}
"""Dropped by the browser, or with some values, or once thought to be."""

ACAO: tuple[Lines, ...] = (
    (), ("*",), ("<origin>",), ("null",), ("",), (" <origin> ",), ("\t*",), ("<origin>/",),
    ("<ORIGIN>",), ("<Origin>",), ("<origin>, <origin>",), ("<origin> <origin>",),
    ("*, <origin>",), ("<origin>,*",), ("*, *",), ("<origin>", "<origin>"), ("*", "*"),
    ("<origin>", ""), ("", "<origin>"), ("null", "<origin>"), ("<origin>", "*"), ("", ""),
    ("http://evil.example",), ("https://localhost:18101",), ("http://localhost",),
    ("localhost:18101",), ("//localhost:18101",), ("http:/localhost:18101",),
    ("http:localhost:18101",), ("http://localhost:18102",), ("http://127.0.0.1:18101",),
    ("http://localhost:018101",), ("http://u@localhost:18101",), ("http://localhost:18101?",),
    ("http://localhost:18101#",), ("http://localhost:18101/*",), ("http://localhost:*",),
    ("http://*",), ("http://*:18101",), ("http://*.localhost:18101",), ("*.localhost",),
    ("http://localhost:99999",), ("http://localhost:",), ("http://",), ("http:",), ("://",),
    ("NULL",), ("Null",), ("null ",), ("nul",), ("foo",), ("true",), ("undefined",), ("*;",),
    ('"*"',), ("'*'",), ("**",), (".*",), ("^.*$",), ("file://",), ("data:",), ("about:blank",),
    ("chrome-extension://abcdefghijklmnop",), ("http://[::1]:18101",), ("http://[",), ("ä",),
    ("http://ä.example",), ("http://xn--4ca.example",), ("http://localhost:18101ä",), ("\x01",),
    ("http://a b",), ("<origin>;",), ("<origin>\x0b",), ("%2A",), ("http://%6cocalhost:18101",),
    ("http://a_b.example",), ("http://-.example",), ("http://1.2.3",), ("http://256.0.0.1",),
    ("javascript:1",), ("/",), ("?",), ("#",), ("http://localhost:18101\\",), ("<origin>\t",),
)  # fmt: skip

ACAC: tuple[Lines, ...] = (
    (), ("true",), ("True",), ("TRUE",), ("false",), ("",), (" true ",), ("\ttrue",), ("true",
    "true"), ("true, true",), ("true,",), ("true", ""), ("", "true"), ('"true"',), ("1",), ("yes",),
    ("true;",), ("*",), ("trüe",), ("true\x0b",),
)  # fmt: skip

ACAM: tuple[Lines, ...] = (
    (), ("*",), ("<method>",), ("<METHOD>",), ("<Method>",), ("get, put, post, patch",),
    ("GET, POST, PUT, PATCH, DELETE, OPTIONS, HEAD",), ("GET,POST,PUT,PATCH,DELETE",), ("",),
    (",",), (", ,",), ("<method>,",), (",,<method>",), (" <method> ",), ("\t<method>\t,\tGET",),
    ("*, <method>",), ("*,GET",), ("GET", "<method>"), ("<method>", ""), ("GET",), ("POST",),
    ("GET POST",), ("<method> GET",), ("<method>;",), ('"<method>"',), ("(<method>)",),
    ("<method>/x",), ("<method>, b@d",), ("@",), ("ä",), ("<method>, ä",), ("<method>", "@"),
    ("<method>\x0b",), ("<method>:",), ("[<method>]",), ("x" * 300 + ",<method>",), ("'<method>'",),
    ("<method>|GET",), ("<method>\xa0",), ("!#$%&'*+-.^_`|~,<method>",),
)  # fmt: skip

ACAH: tuple[Lines, ...] = (
    (), ("*",), ("<names>",), ("<NAMES>",), ("<Names>",), ("",), (",",), (" , ,",), ("<names>,",),
    (",,<names>",), ("\t<names>\t",), ("*, <names>",), ("*,Authorization",), ("*, X-Nothing",),
    ("Authorization",), ("authorization, x-custom",), ("Content-Type",),
    ("Content-Type, X-Custom",), ("X-Custom",), ("x-custom", "content-type"), ("<names>", ""),
    ("<names>", "@"), ("<names>;",),
    ("<names>, b@d",), ("<names>, X Foo",), ('"<names>"',), ("@",), ("ä",), ("<names>, ä",),
    ("x" * 300 + ",<names>",), ("<names>:",), ("**",), ("*;",), ("Origin, Accept, X-Other",),
    ("<names>\x0b",), ("(<names>)",), ("!#$%&'*+-.^_`|~,<names>",), ("*", "<names>"), ("*", "*"),
)  # fmt: skip

ACMA: tuple[Lines, ...] = (
    (), ("0",), ("5",), ("600",), ("86400",), ("-1",), ("x",), ("",), ("2.5",), ("600, 600",),
    ("600", "600"), ("+600",), ("99999999999999999999",), ("600;",),
)  # fmt: skip

ACEH: tuple[Lines, ...] = (
    (), ("*",), ("X-Foo",), ("x-foo, ETAG",), ("X-Foo,",), (",,X-Foo",), ("X-Foo", "ETag"),
    ("X-Foo", "b@d"), ("b@d", "X-Foo"), ("X Foo",), ("*, X-Foo",), ("Set-Cookie",),
    ("Set-Cookie, Set-Cookie2, X-Foo",), ("Authorization",), ("",), ("", "X-Foo"), ('"X-Foo"',),
    ("*;",), ("X-Foo;",), ("X-Nothing",), ("ä",), ("X-Foo, ä",), ("\tX-Foo\t",), ("X-Foo:",),
    ("Date, Server, ETag",), ("*", "*"), ("**",), ("Content-Length",), ("Clear-Site-Data, X-Foo",),
)  # fmt: skip

RESPONSE_HEADERS = (
    ("ETag", '"e"'), ("X-Foo", "foo"), ("X-Foo", "foo2"), ("x-foo", ""), ("X-Bar", "bär"),
    ("Authorization", "a"), ("Server", "srv"), ("Date", "Thu, 01 Jan 2026 00:00:00 GMT"),
    ("Set-Cookie", "sid=1"), ("Set-Cookie2", "x"), ("*", "star"), ("Content-Language", "en"),
    ("Cache-Control", "no-store"), ("Expires", "0"), ("Pragma", "no-cache"), ("Vary", "Origin"),
    ("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT"), ("Content-Type", "application/json"),
    ("Content-Type", "text/html"), ("Retry-After", "5"), ("Link", "</x>; rel=next"),
    ("Cache-Control", "private"), ("Timing-Allow-Origin", "*"), ("X-Foo", " padded\t"),
    ("Location", "/nowhere"), ("X-Content-Type-Options", "nosniff"), ("Age", "1"),
    ("Content-Disposition", "attachment"), ("WWW-Authenticate", "Basic"),
)  # fmt: skip

PREFLIGHT_STATUSES = (
    200, 201, 202, 203, 204, 205, 206, 226, 299, 300, 301, 302, 303, 304, 307, 308, 400, 401, 403,
    404, 405, 418, 429, 500, 501, 502, 503, 504, 599,
)  # fmt: skip

ACTUAL_STATUSES = (
    200, 201, 202, 203, 204, 205, 206, 226, 299, 300, 304, 305, 306, 400, 403, 404, 405, 409, 410,
    415, 418, 422, 429, 451, 500, 502, 503, 504, 511, 599,
)  # fmt: skip

REDIRECT_STATUSES = (301, 302, 303, 307, 308)

WAYS = ("A",) * 12 + ("P", "B", "AA", "AA", "AB", "AB", "AP", "PA", "PA", "PP", "BA", "ABA",
                       "ABP", "PAB", "PAA", "APA", "AAB", "PAP", "ABB", "PPA")  # fmt: skip

LOCATIONS: tuple[Lines, ...] = (
    ("<next>",), ("HTTP://LOCALHOST:18102/c/<id>/1",), ("/c/<id>/1",), ("1",), ("./1",),
    ("../<id>/1?x",), ("//127.0.0.1:18103/c/<id>/1",),
    ("<next>#fragment",), ("<next>?a b",), ("<next>?ä",), (" <next> ",), ("<next>", "<next>"),
    ("<next>", "http://localhost:18102/elsewhere"), ("<here>",), ("?again",), ("#top",),
    ("",), (" ",),
    ("http://u:p@localhost:18102/c/<id>/1",), ("http://u@127.0.0.1:18103/c/<id>/1",),
    ("http://@localhost:18102/c/<id>/1",), ("http://:@localhost:18102/c/<id>/1",),
    ("http://u:p@localhost:18101/c/<id>/1",), ("http://[",), ("http://",), ("http:///c/<id>/1",),
    ("http:\\\\localhost:18102\\c\\<id>\\1",), ("http:/c/<id>/1",), ("http://localhost:18104/c/<id>/1",),
    ("ftp://localhost/x",), ("data:text/plain,x",), ("about:blank",), ("javascript:1",),
    ("blob:http://localhost:18101/x",), ("file:///etc/hostname",), ("mailto:x@y.example",), ("ws://localhost:18102/x",),
    ("foo://localhost/x",), ("http://localhost:99999/",), ("http://a b/",), (),
)  # fmt: skip
