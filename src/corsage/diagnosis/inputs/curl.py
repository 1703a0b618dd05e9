"""curl: the output of ``-i`` and ``-v``, and DevTools' "copy as cURL" (bash and cmd)."""

from __future__ import annotations

import re
import shlex

from corsage.browser.exchange import Request
from corsage.browser.origin import serialise
from corsage.diagnosis.case import Case, InputError
from corsage.diagnosis.inputs.http_text import Message, read_dialogue
from corsage.diagnosis.inputs.pairing import NOT_A_PREFLIGHT, cases_of, page_headers
from corsage.diagnosis.observation import Answer

LONGEST_COMMAND = 1024 * 1024
"""Characters of one command; DevTools copies bodies too, and those may be long."""

_COMMAND = re.compile(r"\s*(?:[$>%#]\s*)?curl(?:\.exe)?\s")
_DIALOGUE = re.compile(r"^(?:[<>*] |HTTP/\d)", re.MULTILINE)
_URL = re.compile(r"https?://", re.IGNORECASE)
_FAILED = re.compile(r"^curl: \((\d+)\) (.*)$", re.MULTILINE)

# Options that take a value; the others stand alone.
_BODY = frozenset(
    {
        "-d",
        "--data",
        "--data-raw",
        "--data-binary",
        "--data-ascii",
        "--data-urlencode",
        "--json",
        "-F",
        "--form",
    }
)
_OTHERS = """
    -X --request -H --header -b --cookie -u --user -A --user-agent -e --referer -o --output
    -m --max-time --connect-timeout --resolve --connect-to -x --proxy -w --write-out
    -c --cookie-jar -T --upload-file --cacert --cert -E --key --retry --url --interface
    -D --dump-header -r --range --ciphers --tls-max --limit-rate
"""
_TAKES_VALUE = _BODY | frozenset(_OTHERS.split())

_ONLY_ASKED = "only the request is known; run it with -i and paste what comes back"


def looks_like(text: str) -> bool:
    """Whether the text is a curl command or curl's output."""
    head = text[:20_000]
    return bool(_COMMAND.match(text) or _DIALOGUE.search(head) or _FAILED.search(head))


def read(text: str, *, origin: str | None = None) -> tuple[Case, ...]:
    """The cases in a command, in its output, or in both. Raises InputError when there is none."""
    if not _COMMAND.match(text):
        return _output(text, None, origin)
    head, rest = _split_command(_ANSI.sub(_plain_quotes, text))
    command = read_command(head)
    if rest.strip():
        return _output(rest, command, origin)
    request = _as_request(command, origin)
    notes: tuple[str, ...] = (_ONLY_ASKED,)
    if _is_plain_options(command):
        notes = (NOT_A_PREFLIGHT, *notes)
    return (Case(f"{command.method} {command.target}", request, notes=notes),)


def read_command(text: str) -> Message:
    """The request of one curl command. Raises InputError."""
    words = _words(text)
    command = Message(method="")
    body = False
    rest = iter(words[1:])
    for word in rest:
        option, _, attached = word.partition("=")
        if len(word) > 2 and word[:2] in {"-X", "-H", "-d", "-b", "-u"}:
            option, attached = word[:2], word[2:]
        elif not word.startswith("--"):
            option, attached = word, ""
        if option in _TAKES_VALUE:
            value = attached or next(rest, "")
            body = body or option in _BODY
            _apply(command, option, value)
        elif option in {"-I", "--head"}:
            command.method = command.method or "HEAD"
        elif not option.startswith("-") and _URL.match(word):
            command.target = command.target or word
    if not command.target:
        raise InputError("no URL in the curl command; copy it whole, from `curl` on")
    command.method = command.method or ("POST" if body else "GET")
    if body and command.get("content-type") is None:
        command.headers.append(("content-type", "application/x-www-form-urlencoded"))
    return command


def _apply(command: Message, option: str, value: str) -> None:
    if option in {"-X", "--request"}:
        command.method = value
    elif option in {"-H", "--header"}:
        name, colon, text = value.partition(":")
        if colon and name.strip():
            command.headers.append((name.strip().lower(), text.strip()))
    elif option in {"-b", "--cookie"}:
        command.headers.append(("cookie", value))
    elif option in {"-u", "--user"}:
        command.headers.append(("authorization", "Basic"))
    elif option in {"-e", "--referer"}:
        command.headers.append(("referer", value))
    elif option == "--json":
        command.headers.append(("content-type", "application/json"))
    elif option == "--url" and _URL.match(value):
        command.target = command.target or value


# bash's ANSI quoting, which DevTools uses where a value holds a quote or a control character.
_ANSI = re.compile(r"(?<=\s)\$'((?:[^'\\]|\\.)*)'", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


def _plain_quotes(match: re.Match[str]) -> str:
    def character(escape: re.Match[str]) -> str:
        code = escape[1] or escape[2]
        return chr(int(code, 16)) if code else _ESCAPES.get(escape[3], escape[3])

    return shlex.quote(_ESCAPE.sub(character, match[1]))


def _split_command(text: str) -> tuple[str, str]:
    """The command (with its continued lines), and what was pasted after it."""
    lines = text.splitlines(keepends=True)
    quoted: str | None = None
    for number, line in enumerate(lines):
        quoted = _open_quote(line, quoted)
        if quoted is None and not line.rstrip("\r\n").endswith(("\\", "^", "`")):
            return "".join(lines[: number + 1]), "".join(lines[number + 1 :])
    return text, ""


def _open_quote(line: str, quoted: str | None) -> str | None:
    skip = False
    for character in line:
        if skip:
            skip = False
        elif character == "\\" and quoted != "'":
            skip = True
        elif quoted:
            quoted = None if character == quoted else quoted
        elif character in "'\"":
            quoted = character
    return quoted


def _words(text: str) -> list[str]:
    if len(text) > LONGEST_COMMAND:
        raise InputError(f"a curl command longer than {LONGEST_COMMAND // 2**20} MiB")
    text = text.strip().lstrip("$>%# ")
    if re.search(r"\^\s*$", text, re.MULTILINE) or '^"' in text:  # Windows' cmd
        text = re.sub(r"\^\r?\n", " ", text)
        text = re.sub(r"\^(.)", r"\1", text)
    text = re.sub(r"[`\\]\r?\n", " ", text)
    try:
        return shlex.split(text, posix=True)
    except ValueError as error:
        raise InputError(f"the curl command is cut off ({error}); copy it whole") from error


def _output(text: str, command: Message | None, origin: str | None) -> tuple[Case, ...]:
    messages = read_dialogue(text)
    if command is not None and not any(m.status is None and m.method for m in messages):
        messages = [command, *messages]
    failed = _FAILED.search(text)
    if not messages and not failed:
        raise InputError("no HTTP answer in the output; run curl with -i or -v and paste it all")
    if failed and not any(message.status for message in messages):
        asked = command or next((m for m in messages if m.method), None)
        request = _as_request(asked, origin) if asked else None
        title = f"{asked.method} {asked.target}" if asked else "curl"
        line = f"curl: ({failed.group(1)}) {failed.group(2)}"
        return (Case(title, request, response=Answer(status=0), symptom=line),)
    return cases_of(messages, origin=origin)


def _is_plain_options(command: Message) -> bool:
    asks = command.get("access-control-request-method") is not None
    return command.method.upper() == "OPTIONS" and not asks


def _as_request(command: Message, origin: str | None) -> Request | None:
    referer = command.get("referer")
    named = origin or command.get("origin") or (serialise(referer) if referer else None)
    if named is None or not _URL.match(command.target):
        return None
    return Request(
        url=command.target,
        origin=named,
        method=command.method,
        headers=page_headers(command.lines),
        credentials="include" if command.get("cookie") is not None else "same-origin",
    )
