"""For those who watch over the installation: alive, ready, and numbers for Prometheus."""

from __future__ import annotations

import time

import sqlalchemy as sa
from flask import Blueprint, Flask, Response, current_app, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from sqlalchemy.exc import SQLAlchemyError

blueprint = Blueprint("health", __name__)

_registry = CollectorRegistry()
_requests = Counter(
    "leerlabo_requests_total", "Answers by endpoint and status", ["endpoint", "status"], registry=_registry
)
_seconds = Histogram("leerlabo_request_seconds", "Time to answer, by endpoint", ["endpoint"], registry=_registry)


def install(app: Flask) -> None:
    """Count every answer of this process."""
    app.register_blueprint(blueprint)

    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def count(response: Response) -> Response:
        endpoint = request.endpoint or "unknown"
        _requests.labels(endpoint, response.status_code).inc()
        _seconds.labels(endpoint).observe(time.perf_counter() - g.get("started", time.perf_counter()))
        return response


@blueprint.get("/health/live")
def live() -> Response:
    """The process answers."""
    return Response("alive\n", mimetype="text/plain")


@blueprint.get("/health/ready")
def ready() -> Response:
    """The database answers too; 503 when it does not."""
    try:
        with current_app.extensions["database"].read() as db:
            db.execute(sa.text("SELECT 1"))
    except SQLAlchemyError:
        return Response("the database does not answer\n", status=503, mimetype="text/plain")
    return Response("ready\n", mimetype="text/plain")


@blueprint.get("/metrics")
def metrics() -> Response:
    """This process's numbers in the Prometheus text format. The reverse proxy keeps them from the outside."""
    return Response(generate_latest(_registry), content_type=CONTENT_TYPE_LATEST)
