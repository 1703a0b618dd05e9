"""Two sources differ where a browser's verdict does, and every difference has a request."""

from dataclasses import replace

from corsage.chain.carry import carry
from corsage.chain.compare import differences
from corsage.chain.surface import of_policy, of_system
from corsage.chain.system import System
from corsage.layers.source import Reading

APP = "https://app.example.com"


def _system(*instances):
    return System(Reading(instances))


def _layer(make, **settings):
    return make.layer(
        reached_at=("https://api.example.com",), answers_preflights=True, path="/orders", **settings
    )


def _differences(first, second):
    return [
        (one.asked, one.first.allowed)
        for one in differences(of_system(first, "a"), of_system(second, "b"))
    ]


def test_equal_sources_do_not_differ(make):
    assert (
        _differences(_system(_layer(make, origins=[APP])), _system(_layer(make, origins=[APP])))
        == []
    )


def test_a_method_that_only_one_allows_is_named(make):
    first = _system(_layer(make, origins=[APP], methods=("GET", "PATCH")))
    second = _system(_layer(make, origins=[APP], methods=("GET",)))
    assert _differences(first, second) == [(f"PATCH /orders from {APP}", True)]


def test_an_origin_that_no_list_spells_out_is_found_exactly(make):
    exact = _system(_layer(make, origins=[APP]))
    loose = _system(_layer(make, origins=[r"^https://app.example\.com$"], pattern=True))
    found = _differences(exact, loose)
    assert ("GET /orders from https://appxexample.com", False) in found
    assert {allowed_by_exact for _, allowed_by_exact in found} == {False}


def test_an_origin_that_no_question_thinks_of_is_found_exactly(make):
    exact = _system(_layer(make, origins=[APP]))
    more = _system(_layer(make, origins=[APP, "https://q7.example.org"]))
    assert _differences(exact, more) == [("GET /orders from https://q7.example.org", False)]
    odd = _system(
        _layer(make, origins=[r"^https://(app\.example\.com|q[0-9]zz\.org)$"], pattern=True)
    )
    assert ("GET /orders from https://q0zz.org", False) in _differences(exact, odd)


def test_a_wildcard_of_one_label_is_widened_only_where_that_is_asked_for(make):
    system = _system(_layer(make, origins=[r"^https://[a-z0-9-]+\.example\.com$"], pattern=True))
    strict, widened = carry(system), carry(system, widen_wildcards=True)
    assert strict is None or not strict.policy.policies
    [rules] = widened.policy.policies.values()
    assert list(rules.allow_origins) == ["https://*.example.com"]
    assert [note.witness for note in widened.notes] == ["https://a.a.example.com"]


def test_configuration_is_carried_over_without_a_difference(make):
    system = _system(_layer(make, origins=[APP], credentials=True))
    carried = carry(system)
    assert carried.notes == ()
    assert differences(of_policy(carried.policy, "p"), of_system(system, "s")) == []


def test_a_hole_is_not_carried_over_and_is_shown(make):
    system = _system(_layer(make, origins=[r"https://.*\.example\.com"], pattern=True))
    carried = carry(system)
    [rules] = carried.policy.policies.values()
    assert list(rules.allow_origins) == ["https://*.example.com"]
    [note] = carried.notes
    assert note.witness is not None
    assert note.witness not in rules.allow_origins


def test_null_and_plain_http_are_not_carried_over(make):
    system = _system(
        _layer(make, origins=[APP, "null", "http://app.example.com"], credentials=True)
    )
    carried = carry(system)
    [rules] = carried.policy.policies.values()
    assert list(rules.allow_origins) == [APP]
    assert [note.witness for note in carried.notes] == ["null", "http://app.example.com"]


def test_what_grants_nothing_carries_nothing(make):
    assert carry(_system(make.layer())) is None


def test_a_host_that_is_none_is_not_carried_over_and_takes_no_others_requests(make):
    odd = make.layer(reached_at=("http://[a-z]",), origins=[APP], path="/orders")
    [site] = odd.sites
    named = replace(site, match=replace(site.match, hosts=("[a-z]",)))
    system = _system(replace(odd, sites=(named,), route=lambda request: named))
    assert carry(system) is None
    assert of_system(system, "odd").questions == ()
