import pytest

from tests.patterns import engines

ENGINES = ("python", "pcre", "re2", "javascript", "java")


@pytest.fixture(scope="session")
def node():
    with engines.javascript() as engine:
        yield engine


@pytest.fixture(scope="session")
def jvm():
    with engines.java() as engine:
        yield engine


_NEEDED = {"javascript": "node", "java": "jvm"}
_MARKS = {"javascript": [pytest.mark.node], "java": [pytest.mark.java]}


@pytest.fixture(
    scope="session", params=[pytest.param(name, marks=_MARKS.get(name, [])) for name in ENGINES]
)
def dialect(request):
    """Each dialect in turn."""
    return request.param


@pytest.fixture(scope="session")
def engine(request, dialect):
    """The real engine of the dialect."""
    own = {"python": engines.python, "pcre": engines.pcre, "re2": engines.google_re2}
    return own.get(dialect) or request.getfixturevalue(_NEEDED[dialect])
