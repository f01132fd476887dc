# Two stages: the first has pip and the hashes, the second only what runs.
FROM python:3.13-slim AS build
WORKDIR /build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY requirements.lock ./
RUN python -m venv /opt/paperboy \
    && /opt/paperboy/bin/pip install --require-hashes --no-deps -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY bot ./bot
COPY digest ./digest
# The source tree goes in as it is; no build back end is fetched.
RUN /opt/paperboy/bin/python -c "import pathlib, sysconfig, shutil; \
site = pathlib.Path(sysconfig.get_path('purelib')); \
[shutil.copytree(name, site / name) for name in ('bot', 'digest')]" \
    && /opt/paperboy/bin/python -m compileall -q /opt/paperboy/lib

FROM python:3.13-slim
# The number, not the name: Kubernetes can then see that it is not root.
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin paperboy \
    && install -d -o 10001 -g 10001 /data
COPY --from=build /opt/paperboy /opt/paperboy
ENV PATH=/opt/paperboy/bin:$PATH \
    XDG_DATA_HOME=/data \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 10001
WORKDIR /data
VOLUME /data
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-m", "bot.heartbeat"]
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
