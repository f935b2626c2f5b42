/**
 * Node's environment, sharing the typed arrays and errors of the outer realm: Jest runs tests in a context of its
 * own, where onnxruntime-node's `instanceof Float32Array` fails on arrays made by the test (jest#11864).
 */
const { TestEnvironment } = require('jest-environment-node');

/** What the files of a worker share: a process that takes long to start. */
const sharedByFiles = {};

module.exports = class extends TestEnvironment {
  async setup() {
    await super.setup();
    Object.assign(this.global, {
      Float32Array,
      Float64Array,
      BigInt64Array,
      Int32Array,
      Uint8Array,
      ArrayBuffer,
      Error,
      sharedByFiles,
    });
  }
};
