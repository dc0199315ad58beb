# A small image of the server: `docker build -t mockwb . && docker run -p 8080:8080 mockwb`
# It listens to everybody, so its control API (/_mockwb/) is off. To have it, behind a token:
# `docker run -p 8080:8080 -e MOCKWB_CONTROL__ENABLED=true -e MOCKWB_CONTROL__ADMIN_TOKEN=... mockwb`
FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY mockwb mockwb
RUN python -m venv /opt/mockwb \
    && /opt/mockwb/bin/pip install --no-cache-dir .

FROM python:3.13-slim
COPY --from=build /opt/mockwb /opt/mockwb
RUN useradd --system --create-home --uid 10001 mockwb
USER 10001
WORKDIR /home/mockwb
ENV PATH=/opt/mockwb/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    MOCKWB_HOST=0.0.0.0 \
    MOCKWB_CONTROL__ENABLED=false
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8080/readyz', timeout=2)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["mockwb"]
CMD ["serve"]
