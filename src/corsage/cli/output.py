"""Writing what a verb makes: whole or not at all, and over nothing that the user did not offer."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from corsage.cli.errors import UsageError
from corsage.layers.target import File


def write_file(place: Path, text: str, *, force: bool) -> None:
    """Write one file; UsageError if it is there and ``force`` is not given."""
    if place.is_dir():
        raise UsageError(f"{place} is a folder; name a file in it")
    if place.exists() and not force:
        raise UsageError(f"{place} is already there; --force overwrites it")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with _beside(place) as folder:
            fresh = Path(folder) / "file"
            fresh.write_text(text, encoding="utf-8")
            fresh.replace(place)
    except OSError as error:
        raise _failed(place, error) from error


def write_folder(folder: Path, files: Sequence[File], *, force: bool) -> None:
    """Write files into a folder; UsageError if it is not empty and ``force`` is not given.

    With ``force`` the files take the place of their namesakes, and whatever else is in the folder
    stays.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is not a folder; name another with -o")
    if folder.is_dir() and any(folder.iterdir()) and not force:
        raise UsageError(f"{folder} is not empty; name another folder, or --force overwrites")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _beside(folder) as temporary:
            fresh = Path(temporary) / "files"
            for file in files:
                place = fresh / file.path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(file.text, encoding="utf-8")
            _move(fresh, folder, files)
    except OSError as error:
        raise _failed(folder, error) from error


def _beside(place: Path) -> tempfile.TemporaryDirectory[str]:
    # In the same file system, so that moving is renaming.
    return tempfile.TemporaryDirectory(prefix=f".{place.name}.", dir=place.parent)


def _move(fresh: Path, folder: Path, files: Sequence[File]) -> None:
    if not folder.is_dir():
        fresh.rename(folder)
        return
    for file in files:
        place = folder / file.path
        place.parent.mkdir(parents=True, exist_ok=True)
        (fresh / file.path).replace(place)


def _failed(place: Path, error: OSError) -> UsageError:
    return UsageError(f"{error.filename or place}: {error.strerror or error}")
