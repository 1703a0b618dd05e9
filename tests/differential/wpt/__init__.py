"""What the web platform tests demand of CORS, as our own table: page, request, answers, outcome.

Their code is not here; each row says in our terms what one of their subtests asserts, as far as it
depends on requests and responses alone. https://github.com/web-platform-tests/wpt
"""
