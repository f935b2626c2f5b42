/**
 * Loaded before a Lambda environment's own code (`NODE_OPTIONS=--require`): notes when each stage of a cold start
 * begins and ends, and prints them as a line of JSON with each answer of the handler. The measured code is unchanged.
 */
'use strict';

const Module = require('node:module');

/** `[stage, from, to]`, in ms since the process began. */
const spans = [['node', 0, performance.now()]];
const timed = (stage, from) => spans.push([stage, from, performance.now()]);

const watchAsync = (owner, name, stage) => {
  const original = owner[name];
  owner[name] = async function (...parameters) {
    const from = performance.now();
    try {
      return await original.apply(this, parameters);
    } finally {
      timed(stage, from);
    }
  };
};

let isWatched = false;
const watchRuntime = ({ InferenceSession }) => {
  if (isWatched) return;
  isWatched = true;
  watchAsync(InferenceSession, 'create', 'session');
  watchAsync(InferenceSession.prototype, 'run', 'run');
};

const printSpans = () => process.stdout.write(`${JSON.stringify({ coldStart: spans })}\n`);

const watchHandler = (exported) => {
  const { handler } = exported;
  const watched = async (...parameters) => {
    const from = performance.now();
    try {
      return await handler(...parameters);
    } finally {
      timed('batch', from);
      printSpans();
    }
  };
  return { ...exported, handler: watched };
};

const { _HANDLER: handlerName = '', LAMBDA_TASK_ROOT: taskRoot = '' } = process.env;
const bundle = `${taskRoot}/${handlerName.slice(0, handlerName.lastIndexOf('.'))}`;
const load = Module._load;
Module._load = function (request, ...others) {
  const isBinding = request === 'onnxruntime-node';
  if (!isBinding && !request.startsWith(bundle)) return load.call(this, request, ...others);
  const from = performance.now();
  const exported = load.call(this, request, ...others);
  timed(isBinding ? 'binding' : 'bundle', from);
  if (!isBinding) return watchHandler(exported);
  watchRuntime(exported);
  return exported;
};

// Tokenizers are the only large JSON before a first batch.
const LARGE = 100_000;
const parse = JSON.parse;
JSON.parse = (text, ...others) => {
  const from = performance.now();
  const value = parse(text, ...others);
  if (text.length > LARGE) timed('tokenizer', from);
  return value;
};
