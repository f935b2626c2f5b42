/**
 * The program of a session pool's threads: CommonJS as text, because a bundle is one file, and this module also runs
 * from source, where no bundler can replace an import by a file's text. `require` finds ONNX Runtime from the working
 * folder or in `NODE_PATH`, where a layer puts it.
 *
 * It answers `{id, feeds, fetches}` with `{id, results}` or `{id, error}`; tensors are `{type, data, dims}`.
 */
export const SESSION_WORKER = String.raw`
'use strict';
const { parentPort, workerData } = require('node:worker_threads');
const { InferenceSession, Tensor } = require('onnxruntime-node');

const mapped = (tensors, change) =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, change(tensor)]));

const answer = async (session, { id, feeds, fetches }) => {
  try {
    const given = mapped(feeds, ({ type, data, dims }) => new Tensor(type, data, dims));
    const results = mapped(await session.run(given, fetches), ({ type, data, dims }) => ({ type, data, dims }));
    const buffers = Object.values(results).flatMap(({ data }) => (ArrayBuffer.isView(data) ? [data.buffer] : []));
    parentPort.postMessage({ id, results }, [...new Set(buffers)]);
  } catch (error) {
    parentPort.postMessage({ id, error: String(error?.message ?? error) });
  }
};

InferenceSession.create(workerData.file, workerData.options).then(
  (session) => {
    parentPort.on('message', (request) => answer(session, request));
    const { inputMetadata, outputNames } = session;
    parentPort.postMessage({ opened: { inputMetadata, outputNames } });
  },
  (error) => parentPort.postMessage({ error: String(error?.message ?? error) }),
);
`;
