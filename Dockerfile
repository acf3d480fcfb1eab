# Builds alone: docker build -t voice-streaming .
# build.yaml names the same base.
ARG BUILD_FROM=docker.io/library/node:24-alpine
# amd64 or aarch64, and given by Home Assistant's builders only: see the last lines.
ARG BUILD_ARCH=""

FROM ${BUILD_FROM} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc tsconfig.base.json ./
COPY shared/package.json shared/tsconfig.json shared/
COPY addon/package.json addon/tsconfig.json addon/
COPY card/package.json card/tsconfig.json card/
RUN npm ci --omit=dev --ignore-scripts
COPY shared/src shared/src
COPY addon/src addon/src
COPY addon/tools/bundle.mjs addon/tools/lame.mjs addon/tools/
COPY card/src card/src
COPY card/page card/page
RUN node addon/tools/bundle.mjs --release && node -e "fs.mkdirSync('data')"

FROM ${BUILD_FROM} AS image
# Nothing is installed at run time. In a layer of its own: updates of the add-on do not carry it.
RUN node -e "for (const path of ['/usr/local/lib/node_modules', '/usr/local/include', '/opt', ...['npm', 'npx', 'corepack', 'yarn', 'yarnpkg'].map((name) => '/usr/local/bin/' + name)]) fs.rmSync(path, { recursive: true, force: true })"
ENV NODE_ENV=production DATA_DIR=/data HEALTH_FILE=/dev/shm/voice-streaming.health
WORKDIR /app
COPY LICENSE NOTICE ./
COPY addon/package.json addon/
COPY --from=build /build/addon/dist addon/dist
COPY --from=build /build/card/dist card/dist
EXPOSE 8080/tcp 8081/tcp
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 CMD ["node", "/app/addon/dist/health-check.js"]
# A small young generation: collections of a millisecond instead of five, and less memory (addon/bench/README.md).
ENTRYPOINT ["node", "--max-semi-space-size=2", "/app/addon/dist/main.js"]
CMD []
ARG BUILD_ARCH=""
ARG BUILD_VERSION=0.1.0
LABEL io.hass.type="app" \
      io.hass.name="Voice Streaming" \
      io.hass.description="Press a button on a dashboard, speak, and be heard live on every other dashboard and every speaker of the house" \
      io.hass.arch="${BUILD_ARCH}" \
      io.hass.version="${BUILD_VERSION}" \
      org.opencontainers.image.title="Voice Streaming" \
      org.opencontainers.image.description="Press a button on a dashboard, speak, and be heard live on every other dashboard and every speaker of the house" \
      org.opencontainers.image.licenses="MIT AND LGPL-3.0-only AND BSD-3-Clause" \
      org.opencontainers.image.source="https://github.com/voice-streaming/voice-streaming" \
      org.opencontainers.image.version="${BUILD_VERSION}"

# An add-on starts as root, because what the Supervisor mounts is root's; AppArmor confines it (apparmor.txt).
FROM image AS for-addon

# Everywhere else nobody needs root: this is what a plain build gives.
FROM image AS for-
COPY --from=build --chown=node:node /build/data /data
VOLUME /data
USER node

FROM for-${BUILD_ARCH:+addon}
