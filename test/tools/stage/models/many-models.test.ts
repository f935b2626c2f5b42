import { join } from 'node:path';
import { buildFunction } from '../../../../src/tools/build/built-function.ts';
import { prepareInvocation } from '../../../../src/tools/invoke/prepared-invocation.ts';
import { generateMessages } from '../../../../src/tools/ingest/input/messages.ts';
import { createLambdaFunction } from '../../../../src/tools/emulators/lambda/function.ts';
import { below, seededRandom } from '../../../../src/tools/random.ts';
import { modelCopies } from '../../../support/model-copies.ts';
import { change, kinesisEvent } from '../../../support/records.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');
const MODELS = 20;
const MEMORY_MB = 224;
const BATCHES = 6;
const RECORDS = 50;

const copies = modelCopies();
afterAll(() => copies.remove());

describe('twenty models in one catalogue', () => {
  it("used at random stay inside the function's memory, and all label", async () => {
    const names = Array.from({ length: MODELS }, (_, index) => `intents-${index}`);
    for (const [index, name] of names.entries()) copies.add(name, { attribute: `label${index}` });
    const { service, environment, spec } = await buildFunction(ROOT, { memory: MEMORY_MB });
    const table = String(environment.DOCUMENTS_TABLE);

    const random = seededRandom(4);
    const texts = [...generateMessages({ seed: 4, count: BATCHES * RECORDS })];
    const datas = texts.map((text, index) => {
      const model_type = { S: names[below(MODELS, random)] ?? '' };
      const newImage = { id: { S: `m-${index}` }, text: { S: text }, model_type };
      return change(`m-${index}`, text, { table, newImage });
    });
    await using stack = new AsyncDisposableStack();
    const prepared = await prepareInvocation(service, environment, kinesisEvent(datas));
    stack.adopt(prepared, ({ stop }) => stop());
    const lambda = createLambdaFunction({
      ...spec,
      maxEnvironments: 1,
      environment: { ...environment, ...prepared.env, MODELS_DIR: copies.folder, MODEL: 'intents-0' },
    });
    stack.adopt(lambda, ({ close }) => close());

    let most = 0;
    for (let batch = 0; batch < BATCHES; batch += 1) {
      const some = datas.slice(batch * RECORDS, (batch + 1) * RECORDS);
      const { payload, functionError, report } = await lambda.invoke(kinesisEvent(some));
      expect([payload, functionError]).toEqual([{ batchItemFailures: [] }, undefined]);
      most = Math.max(most, report.maxMemoryMB);
    }
    expect(most).toBeLessThan(MEMORY_MB);
    let labelled = 0;
    for await (const line of prepared.results())
      if (Object.values(line).some((value) => /^intents-\d+@1$/.test(String(value)))) labelled += 1;
    expect(labelled).toBe(BATCHES * RECORDS);
  });
});
