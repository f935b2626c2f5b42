/** ONNX Runtime with its telemetry off. The one module that imports it: lint keeps all others to this one. */
import './no-telemetry.ts';

export { InferenceSession, Tensor } from 'onnxruntime-node';
