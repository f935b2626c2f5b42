# The image of server, batch jobs and Lambda functions; `npm run image` prepares what it copies, and builds it.
# There is no RUN: the base needs no shell, only the C and C++ libraries that Node.js needs.
ARG BASE=public.ecr.aws/docker/library/node:24-bookworm-slim
FROM ${BASE}

ARG MODEL=banking77-tfidf

# Node.js, for a base that has none; else empty.
COPY .build/image/bin/ /usr/local/bin/
# As layers have it on Lambda: ONNX Runtime and the models.
COPY .build/image/opt/ /opt/
COPY .build/image/app/ /app/

ENV NODE_ENV=production \
    NODE_PATH=/opt/nodejs/node_modules \
    HOME=/tmp \
    HOST=0.0.0.0 \
    MODEL=${MODEL} \
    ORT_DISABLE_TELEMETRY=1

WORKDIR /tmp
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["/usr/local/bin/node", "/app/main.cjs"]
CMD ["serve"]
