# One image for both services: the API by default, a worker with `node dist/worker/main.js`.
FROM node:24-bookworm-slim AS manifest
WORKDIR /app
COPY package.json package-lock.json ./

FROM manifest AS dependencies
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev

FROM manifest AS build
RUN --mount=type=cache,target=/root/.npm npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY shared shared
COPY worker worker
COPY api api
RUN npm run build

FROM node:24-bookworm-slim
ENV NODE_ENV=production FETCHFLEET_DATA_DIR=/data
WORKDIR /app
# A named volume mounted here takes over this owner.
RUN mkdir /data && chown node:node /data
COPY package.json LICENSE ./
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
USER node
EXPOSE 8080
CMD ["node", "dist/api/main.js"]
