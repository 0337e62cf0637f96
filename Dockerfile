# One image for web, workers, beat and migrate; compose says which of them a container is.
FROM python:3.13-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
RUN python -m venv /venv
COPY requirements/base.txt /tmp/base.txt
RUN /venv/bin/pip install --require-hashes -r /tmp/base.txt
WORKDIR /app
COPY manage.py LICENSE ./
COPY config config
COPY monitoring monitoring
COPY cases cases
# The demo's settings are enough to compile translations and collect static files.
RUN APP_ENV=demo DATA_DIR=/tmp/build /venv/bin/python -m config.catalogues compile \
    && APP_ENV=demo DATA_DIR=/tmp/build /venv/bin/python manage.py collectstatic --noinput --verbosity 0

FROM python:3.13-slim-bookworm
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 APP_ENV=production DATA_DIR=/tmp/weerwoord
RUN groupadd --gid 10001 weerwoord && useradd --uid 10001 --gid 10001 --no-create-home weerwoord
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
USER 10001:10001
EXPOSE 8000
CMD ["granian", "config.wsgi:application", "--interface=wsgi", "--host=0.0.0.0", "--port=8000", "--no-ws"]
