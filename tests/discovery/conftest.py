"""A site with sources in several categories, on SQLite and PostgreSQL, and a client that asks it."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from aggregator.store import Store
from aggregator.store.census import Census
from feeds.discovery import discovery_routes
from tests.support import Place

CONFIG = """
site: {title: "今日 & Co", url: "https://feeds.example/北/reading", language: zh-CN}
feeds: {ttl: 15 minutes}
defaults: {on_delete: remove}
sources:
  - title: 'Harbour "Light" & <Co>'
    slug: harbour
    path: articles
    match: {author: Harbour}
    link: https://harbour.example/?a=1&b=2
    language: en
  - {title: Everything else, path: articles, split_by: author}
"""


class Shop(Store, Census):
    """The store with what discovery asks of it."""


@pytest.fixture
def shop(place: Place) -> Iterator[Shop]:
    place.configure(CONFIG)
    made = Shop(place.config.store)
    yield made
    made.close()


@pytest.fixture
def client(place: Place, shop: Shop) -> FlaskClient:
    app = Flask(__name__)
    app.register_blueprint(discovery_routes(shop, place.config))
    return app.test_client()
