/**
 * Turns off the usage telemetry that ONNX Runtime's binaries have compiled in: with it, every process that loads them
 * looks up and calls a host of Microsoft's and keeps a device identifier below the home folder. It is read once, when
 * the library is loaded, so this module has to be imported before it.
 *
 * @see https://github.com/microsoft/onnxruntime/blob/main/docs/Privacy.md
 */
process.env.ORT_DISABLE_TELEMETRY = '1';
