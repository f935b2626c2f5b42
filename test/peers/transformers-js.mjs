/**
 * transformers.js as a peer: reads requests from standard input, a line of JSON each, and answers each with one.
 *
 * - `version`
 * - `load {folder, task, extra}`: a folder in Hugging Face's layout, its graph `onnx/model_int8.onnx`; the pipeline's task
 *   and further session options
 * - `run {texts, batchSize}`: the pipeline on batches as they come → milliseconds, and labels and scores per text
 * - `answer {paragraphs}`: the pipeline for questions, those of a context at a time → milliseconds
 * - `tokenise {texts}` → token ids per text
 */
import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { env, pipeline } from '@huggingface/transformers';

// Standard output is for answers.
console.log = console.error;
env.allowRemoteModels = false;

const ONE_THREAD = { intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential' };

let model;

const tasks = {
  version: () => {
    const file = new URL('node_modules/@huggingface/transformers/package.json', import.meta.url);
    return { version: `transformers.js ${JSON.parse(readFileSync(file, 'utf8')).version}` };
  },
  load: async ({ folder, task = 'text-classification', extra = {} }) => {
    env.localModelPath = dirname(folder);
    model = await pipeline(task, basename(folder), {
      dtype: 'int8',
      device: 'cpu',
      session_options: { ...ONE_THREAD, extra },
    });
    return {};
  },
  run: async ({ texts, batchSize }) => {
    const answers = [];
    const from = performance.now();
    for (let start = 0; start < texts.length; start += batchSize)
      answers.push(...(await model(texts.slice(start, start + batchSize), { top_k: 1 })));
    const ms = performance.now() - from;
    const best = answers.flat();
    return { ms, labels: best.map(({ label }) => label), scores: best.map(({ score }) => score) };
  },
  answer: async ({ paragraphs }) => {
    const from = performance.now();
    for (const { context, questions } of paragraphs)
      await model(
        questions,
        questions.map(() => context),
      );
    return { ms: performance.now() - from };
  },
  tokenise: ({ texts }) => ({
    ids: texts.map((text) => {
      const { input_ids: ids } = model.tokenizer(text, { truncation: true });
      return [...ids.data].map(Number);
    }),
  }),
};

/** Lines end with a line feed alone; node:readline ends them at U+2028 as well, which texts hold. */
const lines = async function* () {
  let rest = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop();
    yield* parts;
  }
};

for await (const line of lines()) {
  const { do: task, ...request } = JSON.parse(line);
  let answer;
  try {
    answer = await tasks[task](request);
  } catch (error) {
    answer = { error: String(error?.stack ?? error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
