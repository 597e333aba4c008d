"""The WSGI application: everything of the publishing side, put together."""

from flask import Flask

from aggregator.config import Config
from aggregator.store import Store

from .discovery import discovery_routes
from .i18n import init_languages
from .media import media_routes
from .metrics import CountedFlask, metrics_routes
from .outages import Outages
from .pages import set_up_templates
from .publisher import Publisher
from .renames import Renames
from .search import search_routes
from .selection import Library
from .site import Site
from .standby import Standby
from .status import status_routes
from .views import (
    content_routes,
    finish_answers,
    handle_errors,
    health_routes,
    ignore_upgrades,
    refuse_absurd_requests,
)


def create_app(config: Config, store: Library) -> Flask:
    """The WSGI application that publishes a store.

    It keeps no state but caches, so that any number of processes can run it on one store.
    """
    app = CountedFlask("feeds", static_folder=None)
    app.url_map.merge_slashes = False  # Werkzeug's own redirects would name the request's Host
    set_up_templates(app)
    site, outages = Site(store, config), Outages()
    init_languages(app, config.site.language, site.urls.local(""))
    app.register_blueprint(content_routes(site, Publisher(store, config), Renames(config)))
    app.register_blueprint(media_routes(config))
    app.register_blueprint(health_routes(site, outages))
    app.register_blueprint(metrics_routes(store if isinstance(store, Store) else None, config))
    if isinstance(store, Store):  # a mere Library, such as one in memory, cannot be searched or counted
        app.register_blueprint(discovery_routes(store, config))
        app.register_blueprint(search_routes(store.search, config, site))
        app.register_blueprint(status_routes(store, config, site.pages))
    handle_errors(app, site, config, outages)
    ignore_upgrades(app)
    refuse_absurd_requests(app)
    finish_answers(app)
    if isinstance(store, Store):
        Standby(store.pulse()).serve(app)
        app.remember(store.pulse())
    return app
