"""The tables are complete: every class can be found, blamed, explained and fixed."""

from __future__ import annotations

from corsage.diagnosis import fixes
from corsage.diagnosis.blame.strategies import STRATEGIES
from corsage.diagnosis.causes import CAUSES
from corsage.diagnosis.claims import CLAIMS
from corsage.diagnosis.classify import RULES
from corsage.diagnosis.clues import PROOF
from corsage.diagnosis.contradictions import CONTRADICTIONS
from corsage.diagnosis.fingerprints import traces
from corsage.diagnosis.observation import Answer
from corsage.diagnosis.products import PRODUCTS
from corsage.diagnosis.settings import SETTINGS


def test_every_rule_says_why() -> None:
    assert all(rule.because.endswith(".") for rule in RULES)
    assert all(claim.because for claim in CLAIMS)


def test_every_rule_speaks_for_a_class_of_the_taxonomy() -> None:
    spoken = {rule.cause for rule in RULES} | {claim.cause for claim in CLAIMS}

    assert spoken == set(CAUSES)
    assert {cause for cause, *_ in CONTRADICTIONS} <= set(CAUSES)


def test_rules_have_names_of_their_own() -> None:
    names = [rule.name for rule in RULES]

    assert len(names) == len(set(names))


def test_words_alone_prove_nothing() -> None:
    assert all(claim.points < PROOF for claim in CLAIMS)


def test_every_class_has_someone_to_blame_and_something_to_write() -> None:
    assert set(STRATEGIES) == set(CAUSES)
    assert set(fixes._GENERAL) == set(CAUSES)


def test_fixes_name_products_and_classes_that_exist() -> None:
    products = {product.name for product in PRODUCTS}

    assert {cause for cause, _ in (*fixes._PRODUCT, *fixes._HOP)} <= set(CAUSES)
    assert {product for _, product in fixes._PRODUCT} <= products
    assert set(SETTINGS) <= products


def test_a_list_is_called_as_the_product_calls_it() -> None:
    told = fixes.fix("header-not-allowed", "service", "Starlette")

    assert told.endswith("In Starlette: `allow_headers` in the arguments of CORSMiddleware.")


def test_a_product_is_told_by_what_it_sends() -> None:
    for name, value, product in (
        ("x-amzn-errortype", "ForbiddenException", "AWS API Gateway"),
        ("server", "istio-envoy", "Istio"),
        ("server", "kong/3.9", "Kong"),
        ("via", "1.1 d.cloudfront.net (CloudFront)", "CloudFront"),
        ("x-powered-by", "Express", "Express"),
        ("server", "AmazonS3", "Amazon S3"),
        ("l5d-proxy-error", "unauthorized", "Linkerd"),
    ):
        assert traces(Answer(403, ((name, value),)))[0].product == product


def test_a_product_is_told_by_the_page_that_it_writes() -> None:
    for body, product in (
        ('{"message":"no Route matched with those values"}', "Kong"),
        ("RBAC: access denied", "Istio"),
        ("<hr><center>nginx</center>", "nginx"),
        ("Disallowed CORS origin", "Starlette"),
        ("Cannot OPTIONS /orders", "Express"),
    ):
        assert traces(Answer(403, body=body))[0].product == product
