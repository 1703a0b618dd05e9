"""``corsage.yaml``: paths that no other file shows, as the user states them.

```yaml
chains:
  - url: https://api.example.com      # what browsers reach; optional
    hops:                             # from the outside in
      - file: deploy/nginx.conf       # a file that Corsage reads
      - service: billing              # of a compose file or of the cluster
      - source: services/billing      # a folder of an application
```
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping

from corsage.layers import rules
from corsage.layers.site import Slip, StatedChain, StatedHop
from corsage.layers.source import Reader, Reading, Source
from corsage.layers.yaml_document import Value, documents, where

_KINDS = ("file", "service", "source")
_KEYS = ("url", "hops")


def _detect(_path: str, text: str) -> bool:
    return "chains:" in text


def _parse(source: Source) -> Reading:
    chains: list[StatedChain] = []
    slips: list[Slip] = []
    for document in documents(source):
        for chain in document.elements("chains"):
            hops, wrong = [], list(_unknown_keys(source, chain, _KEYS))
            for hop in chain.elements("hops"):
                stated = _hop(source, hop)
                if stated is None:
                    wrong.append(_slip(source, hop, "a hop is a file, a service or a source"))
                else:
                    hops.append(stated)
            if not hops and not wrong:
                wrong.append(_slip(source, chain, "a chain has hops"))
            slips.extend(wrong)
            place = where(source, chain.line, chain.column)
            chains.append(StatedChain(chain.string("url"), tuple(hops), place))
    return Reading(stated=tuple(chains), slips=tuple(slips))


def _unknown_keys(source: Source, value: Value, known: tuple[str, ...]) -> Iterator[Slip]:
    for key in value.keys or ():
        if key not in known:
            line, column = value.key(key)
            message = f"a chain has no `{key}`; it has {' and '.join(known)}"
            yield Slip(rules.CHAIN_UNRESOLVED, message, where(source, line, column))


def _hop(source: Source, hop: Value) -> StatedHop | None:
    for kind in _KINDS:
        if text := hop.string(kind):
            if kind != "service":
                text = posixpath.normpath(posixpath.join(posixpath.dirname(source.path), text))
            return StatedHop(kind, text, where(source, hop.line, hop.column))
    return None


def _slip(source: Source, value: Value, message: str) -> Slip:
    fix = "{file: nginx.conf}"
    place = where(source, value.line, value.column)
    return Slip(rules.CHAIN_UNRESOLVED, message, place, fix=fix)


def _link(parsed: Mapping[str, Reading]) -> Reading:
    return Reading(
        stated=tuple(one for reading in parsed.values() for one in reading.stated),
        slips=tuple(one for reading in parsed.values() for one in reading.slips),
    )


READER = Reader("stated", _detect, _parse, _link)
"""Reads the chains; the topology finds what they name."""
