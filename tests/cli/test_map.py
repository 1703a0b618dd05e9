import json


def test_the_map_says_who_may_read_each_route_and_who_owns_it(corsage, policy):
    ran = corsage("map", policy)
    assert ran.code == 0
    rows = {line.split()[0]: line for line in ran.out.splitlines() if line.strip().startswith("/")}
    assert "app" in rows["/billing"]
    assert "gateway (session)" in rows["/billing"]
    assert "any origin" in rows["/search"]
    assert "service (session)" in rows["/own"]
    assert "no page" in rows["/internal"]


def test_json_names_groups_and_owners(corsage, policy):
    routes = json.loads(corsage("map", policy, "--format", "json").out)["routes"]
    assert [(r["path"], r["callers"], r["owner"]) for r in routes] == [
        ("/billing", ["app"], "gateway"),
        ("/search", ["any origin"], "gateway"),
        ("/own", ["app"], "service"),
        ("/internal", [], "gateway"),
    ]


def test_mermaid_draws_every_route(corsage, policy):
    out = corsage("map", policy, "--format", "mermaid").out
    assert out.startswith("flowchart LR\n")
    assert out.count("gateway -- ") == 4
