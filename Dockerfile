# One image for every process of the platform; docker-compose.yml says which command each service runs.
ARG PYTHON_IMAGE=python:3.12-slim
FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /app
RUN python -m venv --without-pip /opt/venv
COPY requirements.runtime.lock ./
# Wheels only: nothing is compiled, so neither stage needs a compiler.
RUN pip --python /opt/venv/bin/python install --require-hashes --only-binary :all: -r requirements.runtime.lock
COPY pyproject.toml celeryconfig.py alembic.ini ./
COPY api_min ./api_min
COPY migrations ./migrations
COPY models ./models
COPY tasks ./tasks
COPY worker ./worker
# Editable, as in development: templates and static files stay beside the code that reads them.
# Compiled here because a read-only container cannot keep what it compiles.
RUN pip --python /opt/venv/bin/python install --no-deps --no-build-isolation --editable . \
    && pip --python /opt/venv/bin/python uninstall --yes setuptools \
    && /opt/venv/bin/python -m compileall -q /app \
    # A checkout made under a strict umask is unreadable for the account that the image runs as.
    && chmod --recursive a+rX,go-w /app /opt/venv

FROM ${PYTHON_IMAGE}
RUN groupadd --system --gid 10001 intowork \
    && useradd --system --uid 10001 --gid intowork --no-create-home --shell /usr/sbin/nologin intowork
ENV PATH=/opt/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /app
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
USER 10001:10001
EXPOSE 8000
CMD ["intowork", "doctor"]
