/**
 * transformers.js behind Hono, as one would write it by hand, on one thread: a text a request.
 *
 *     node transformers-js-http.mjs PORT FOLDER
 *
 * FOLDER is in Hugging Face's layout, its graph `onnx/model_int8.onnx`. Hono comes from the project's own dependencies.
 */
import { basename, dirname } from 'node:path';
import { serve } from '@hono/node-server';
import { env, pipeline } from '@huggingface/transformers';
import { Hono } from 'hono';

const [port, folder] = process.argv.slice(2);
env.allowRemoteModels = false;
env.localModelPath = dirname(folder);

const classifier = await pipeline('text-classification', basename(folder), {
  dtype: 'int8',
  device: 'cpu',
  session_options: { intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential' },
});

const api = new Hono();
api.get('/health', (context) => context.json({}));
api.post('/', async (context) => {
  const { inputs, parameters = {} } = await context.req.json();
  const labels = await classifier(inputs, { top_k: parameters.top_k ?? 5 });
  return context.json([labels]);
});

serve({ fetch: api.fetch, hostname: '127.0.0.1', port: Number(port) });
