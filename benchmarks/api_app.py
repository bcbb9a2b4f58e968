"""The platform's API with the benchmarks' tasks: `granian --factory benchmarks.api_app:create_app`."""

from flask_openapi.openapi import OpenAPI

import api_min
from benchmarks.tasks import CATALOGUE


def create_app() -> OpenAPI:
    return api_min.create_app(catalogue=CATALOGUE)
