# One image for web, worker, beat and migrations; docker-compose.yml says which it is.
FROM python:3.13-slim AS packages
COPY requirements/base.txt /requirements.txt
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes --requirement /requirements.txt

FROM python:3.13-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=portal.settings.production STATIC_ROOT=/srv/static MEDIA_ROOT=/srv/media \
    TREASURY_OUTBOX=/srv/treasury/instructions TREASURY_INBOX=/srv/treasury/returns
# Dossiers are set in Chinese; the image comes without a font that has any.
RUN apt-get update && apt-get install -y --no-install-recommends fonts-noto-cjk && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --create-home portal && install -d -o portal /srv/media /srv/static
COPY --from=packages /venv /venv
WORKDIR /app
COPY . .
# Translations and static files need settings, but no server: the values below live for this step alone.
RUN SECRET_KEY=$(python -c 'import secrets; print(secrets.token_urlsafe(50))') ALLOWED_HOSTS=build.invalid \
    DATABASE_URL=postgres://build@127.0.0.1:1/build REDIS_URL=redis://127.0.0.1:1/0 \
    sh -c 'python manage.py compilemessages && python manage.py collectstatic --no-input --verbosity 0'
USER portal
VOLUME /srv/media
EXPOSE 8000
CMD ["gunicorn", "portal.wsgi", "--bind=0.0.0.0:8000", "--workers=3", "--threads=4", "--worker-tmp-dir=/dev/shm", \
     "--access-logfile=-", "--forwarded-allow-ips=*"]
