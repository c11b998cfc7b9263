"""The two apps of the desk: the claim listener for devices and phones, the renewal listener for devices."""

from fastapi import FastAPI

from provisioning.desk.desk import Desk
from provisioning.desk.web import device_routes, page_routes, refusals
from provisioning.desk.web.door import Door


def claim_app(desk: Desk) -> FastAPI:
    app = _app("Hallward provisioning desk")
    device_routes.install(app, desk)
    page_routes.install(app, desk)
    return app


def renewal_app(desk: Desk) -> FastAPI:
    app = _app("Hallward renewals")
    device_routes.install_renewal(app, desk)
    return app


def _app(title: str) -> FastAPI:
    app = FastAPI(title=title, openapi_url=None, docs_url=None, redoc_url=None)
    refusals.install(app)
    app.add_middleware(Door)
    return app
