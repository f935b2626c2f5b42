import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { PermanentError } from '../../src/errors.ts';
import type { LabelStore, LabelWrite, ModelLabel } from '../../src/pipeline/destinations.ts';
import { contentHash } from '../../src/tasks/content-hash.ts';
import type { QuestionAnswer, Span } from '../../src/tasks/question-answering.ts';
import { READER } from '../../src/tools/chaos/histories/toy-models.ts';
import { labelWrite } from '../support/documents.ts';
import type { TestDynamoDb } from '../support/dynamodb.ts';

interface Subject {
  readonly dynamodb: TestDynamoDb;
  labelsOn(client: TestDynamoDb['client'], options: { readonly table: string }): LabelStore;
}

const CONTEXT = 'Ada wrote the first program, 🙂 in 1843.';
const span = (answer: string, start: number, score = 0.75): Span => ({
  ...{ answer, score, start },
  end: start + [...answer].length,
});

/** What is to be written for an item that asks this. */
const writeFor = (question: string, answer: QuestionAnswer | PermanentError | undefined): LabelWrite => {
  const said: ModelLabel['answer'] = answer instanceof PermanentError ? { error: answer } : answer;
  const [held, ...others] = [question, CONTEXT].map((S) => ({ S }));
  return {
    document: {
      item: { name: 'documents{"id":{"S":"a"}}', keys: { id: { S: 'a' } } },
      input: answer === undefined ? undefined : { question, context: CONTEXT },
      hash: answer === undefined ? '' : contentHash(question, CONTEXT),
      holds: [
        { path: ['question'], value: answer === undefined ? undefined : held },
        { path: ['context'], value: others[0] },
      ],
      models: [READER],
    },
    labels: [{ model: READER, answer: said }],
  };
};

/** What a store must do that labels the items themselves, with answers to questions. */
export const describeAnswersOnItems = (name: string, subject: () => Subject): void => {
  describe(`${name} on items that ask a question`, () => {
    const open = async (question: string | undefined) => {
      const { dynamodb, labelsOn } = subject();
      const table = await dynamodb.createTable('id');
      await dynamodb.put(table, { id: 'a', text: 'hello', context: CONTEXT, ...(question && { question }) });
      const store = labelsOn(dynamodb.client, { table });
      return {
        write: async (write: LabelWrite) => (await store.put([write]))[0]?.kind,
        item: async () => (await dynamodb.items(table))[0] ?? {},
        ask: async (other: string | undefined) => {
          const update = other === undefined ? 'REMOVE question' : 'SET question = :question';
          await dynamodb.client.send(
            new UpdateItemCommand({
              ...{ TableName: table, Key: { id: { S: 'a' } }, UpdateExpression: update },
              ...(other !== undefined && { ExpressionAttributeValues: { ':question': { S: other } } }),
            }),
          );
        },
      };
    };
    const attributesOf = (item: object): readonly string[] =>
      Object.keys(item)
        .filter((attribute) => attribute.startsWith('answer'))
        .toSorted();

    it('writes the answer, where it is, and the others, beside the label of a text', async () => {
      const { write, item } = await open('Who?');
      await write(labelWrite('a', 'hello', 'x'));
      const spans = [span('Ada', 0), span('🙂 in 1843', 29, 0.25)];
      expect(await write(writeFor('Who?', { spans, listed: spans }))).toBe('labelled');
      expect(await item()).toMatchObject({
        ...{ label: 'x', answer: 'Ada', answer_score: 0.75, answer_start: 0, answer_end: 3 },
        ...{ answer_model: READER.id, answer_hash: contentHash('Who?', CONTEXT), answer_list: spans },
      });
      expect(['unchanged', 'superseded']).toContain(await write(writeFor('Who?', { spans, listed: spans })));
    });

    it('leaves alone an item that asks something else by now', async () => {
      const { write, item } = await open('When?');
      expect(await write(writeFor('Who?', { spans: [span('Ada', 0)] }))).toBe('superseded');
      expect(attributesOf(await item())).toEqual([]);
    });

    it('leaves nothing of an earlier answer, whatever comes in its place', async () => {
      const all = [span('Ada', 0), span('1843', 34, 0.25)];
      const { write, item, ask } = await open('Who?');
      const marks = ['answer_hash', 'answer_model'];
      await write(writeFor('Who?', { spans: all, listed: all, by: 'small@1' }));
      await ask('When?');
      expect(await write(writeFor('When?', { spans: [span('1843', 34)] }))).toBe('labelled');
      expect(attributesOf(await item())).toEqual(
        ['answer', 'answer_end', 'answer_score', 'answer_start', ...marks].toSorted(),
      );
      await ask('How?');
      expect(await write(writeFor('How?', new PermanentError('bad-score', 'no')))).toBe('labelled');
      expect(attributesOf(await item())).toEqual(['answer_error', ...marks]);
      await ask(undefined);
      expect(await write(writeFor('How?', undefined))).toBe('labelled');
      expect(attributesOf(await item())).toEqual([]);
    });

    it('writes that there is no answer as an empty one', async () => {
      const { write, item } = await open('Why?');
      const none: Span = { answer: '', score: 0.9, start: 0, end: 0 };
      expect(await write(writeFor('Why?', { spans: [none] }))).toBe('labelled');
      expect(await item()).toMatchObject({ answer: '', answer_start: 0, answer_end: 0 });
    });
  });
};
