# One image for the runtime (`statekeep serve`), the operator (`python -m statekeep_operator`) and the
# command line. docs/install.md says how to pin, build for two architectures, and what takes the size.

# A name or a digest: --build-arg PYTHON_IMAGE=python:3.11-slim@sha256:…
ARG PYTHON_IMAGE=python:3.11-slim

# --- build: the only stage with a compiler --------------------------------------------------------

FROM ${PYTHON_IMAGE} AS build
ARG SOURCE_DATE_EPOCH=0
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1 PYTHONSAFEPATH=1 \
    SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH}

# The official image brings Python's headers, Debian's own Python has them in a package.
RUN apt-get update -q \
 && apt-get install -yq --no-install-recommends binutils gcc libc6-dev \
 && { python3 -c 'import pathlib, sys, sysconfig; sys.exit(not pathlib.Path(sysconfig.get_path("include"), "Python.h").exists())' \
      || apt-get install -yq --no-install-recommends python3-dev; }

WORKDIR /build
RUN python3 -m venv tools
COPY requirements/build.txt requirements/image.txt requirements/
RUN tools/bin/pip install --quiet --require-hashes --only-binary :all: -r requirements/build.txt \
 && tools/bin/pip download --quiet --require-hashes --only-binary :all: --no-deps -d wheels -r requirements/image.txt

COPY pyproject.toml setup.py MANIFEST.in README.md LICENSE ./
COPY native native
COPY runtime/src runtime/src
COPY operator/src operator/src
RUN CFLAGS="-O2 -g0 -ffile-prefix-map=/build=." \
    tools/bin/pip wheel --quiet --no-deps --no-build-isolation -w wheels .

COPY tools/image_slim.py tools/image_slim.py

# No pip goes along. Bytecode is checked by nobody's clock, so that two builds are the same.
RUN python3 -m venv --without-pip --symlinks /opt/statekeep \
 && tools/bin/pip --python /opt/statekeep/bin/python install --quiet --no-index --no-deps --no-compile wheels/*.whl \
 && cd /opt/statekeep \
 && find . -type d \( -name tests -o -name test \) -path '*/site-packages/*' -prune -exec rm -r {} + \
 && find . -name '*.so' -exec strip --strip-unneeded {} + \
 && find . \( -name '*.pyx' -o -name '*.pxd' -o -name '*.pyi' -o -name '*.c' -o -name '*.h' \) -delete \
 && bin/python /build/tools/image_slim.py \
 && python3 -m compileall -q --invalidation-mode unchecked-hash -s /opt -x '/kubernetes/' lib \
 && chmod -R a+rX,go-w . \
 && find . -exec touch -h -d "@${SOURCE_DATE_EPOCH}" {} +

# --- the image ------------------------------------------------------------------------------------

FROM ${PYTHON_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="StateKeep" \
      org.opencontainers.image.description="Statecharts as long-lived actors, moved between workflow versions by their event history" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

COPY --from=build /opt/statekeep /opt/statekeep

# It writes nothing but standard error, as whatever user it is started.
ENV PATH=/opt/statekeep/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONSAFEPATH=1 PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    STATEKEEP_HOST=0.0.0.0 STATEKEEP_HEALTH_HOST=0.0.0.0 STATEKEEP_WEBHOOK_HOST=0.0.0.0
USER 65532:65532
WORKDIR /
EXPOSE 8000 8081 9443
CMD ["statekeep", "serve"]
