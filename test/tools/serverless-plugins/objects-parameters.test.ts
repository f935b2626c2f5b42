import fc from 'fast-check';
import { isOwnOutput } from '../../../src/pipeline/objects/messages.ts';
import {
  chooseObjects,
  type ObjectsParameters,
} from '../../../src/tools/serverless-plugins/parameters/objects.ts';
import { objectsFaults } from '../../../src/tools/serverless-plugins/parameters/objects-faults.ts';
import { OBJECTS_DEFAULTS } from '../../support/object-parameters.ts';

const given = (parameters: Partial<ObjectsParameters>): ObjectsParameters => ({
  ...OBJECTS_DEFAULTS,
  objects: 's3',
  ...parameters,
});
const SAME = { objectsBucket: 'texts', outputBucket: 'texts' };

describe('the parameters of the S3 door', () => {
  it.each<Partial<ObjectsParameters>>([
    { objects: 'none' },
    {},
    { objectsBucket: 'texts', objectsPrefix: 'in/', objectsSuffix: '.jsonl,.csv.gz' },
    { objectsBucket: 'texts', outputBucket: 'labels' },
    { ...SAME, objectsPrefix: 'in/', outputPrefix: 'out/' },
    // Keys of outputs end otherwise.
    { ...SAME, objectsSuffix: '.jsonl,.csv' },
    { objectsFormat: 'parquet', objectsJoin: 'on', objectsBatchSize: '10', objectsTimeout: '900' },
  ])('have no fault in %j', (parameters) => {
    expect(objectsFaults(given(parameters))).toEqual([]);
  });

  it.each<[Partial<ObjectsParameters>, RegExp]>([
    [{ objects: 'gcs' }, /objects is "gcs": use none or s3/],
    [{ objects: 'none', outputBucket: 'labels' }, /outputBucket is for a stage with objects=s3/],
    [{ objectsBucket: 'arn:aws:s3:::texts' }, /objectsBucket is "arn:.*": give the name of a bucket/],
    [{ outputBucket: 'Labels' }, /outputBucket is "Labels"/],
    [{ objectsFormat: 'xml' }, /objectsFormat is "xml": use jsonl or csv/],
    [{ objectsJoin: 'yes' }, /objectsJoin is "yes": use on or off/],
    [{ objectsConcurrency: '1' }, /objectsConcurrency is "1": give a whole number from 2 to 1000/],
    [{ objectsTimeout: '901' }, /objectsTimeout is "901"/],
    [{ objectsMaxMB: 'all' }, /objectsMaxMB is "all"/],
    [{ objectsPrefix: 'in/*' }, /objectsPrefix is "in\/\*": it may not have any of/],
    [SAME, /Parameter outputBucket is the bucket of the objects \(texts\)/],
    [{ ...SAME, objectsPrefix: 'in/' }, /could be objects again/],
    [{ ...SAME, outputPrefix: 'out/' }, /could be objects again/],
    [{ ...SAME, objectsPrefix: 'in/', outputPrefix: 'in/labels/' }, /could be objects again/],
    [{ ...SAME, objectsSuffix: '.json' }, /could be objects again/],
    [{ ...SAME, objectsSuffix: '.csv,.out' }, /could be objects again/],
  ])('are refused: %j', (parameters, message) => {
    expect(objectsFaults(given(parameters))).toEqual([expect.stringMatching(message)]);
  });
});

/** As EventBridge matches keys. */
const matches = (pattern: unknown, key: string): boolean => {
  const { detail } = pattern as { detail: { object?: { key: readonly Readonly<Record<string, string>>[] } } };
  return (
    detail.object?.key.some(({ prefix, suffix, wildcard }) => {
      if (prefix !== undefined) return key.startsWith(prefix);
      if (suffix !== undefined) return key.endsWith(suffix);
      const [start = '', end = ''] = wildcard?.split('*') ?? [];
      return key.length >= start.length + end.length && key.startsWith(start) && key.endsWith(end);
    }) ?? true
  );
};

describe('the rule for events', () => {
  const part = fc.stringMatching(/^[a-c./]{0,4}$/);
  const affixes = fc.record({
    objectsPrefix: part,
    outputPrefix: part,
    objectsSuffix: fc.constantFrom('', '.csv', '.jsonl', '.json', '.out', 't', '1', '.csv,.parquet'),
  });

  it('takes the keys with the prefix and one of the suffixes, and no others', () => {
    fc.assert(
      fc.property(affixes, part, (names, middle) => {
        const parameters = given(names);
        const { eventPattern } = chooseObjects(parameters);
        const suffixes = parameters.objectsSuffix.split(',');
        for (const key of suffixes.map((suffix) => `${parameters.objectsPrefix}${middle}${suffix}`))
          expect(matches(eventPattern, key)).toBe(true);
        const other = `z${middle}`;
        expect(matches(eventPattern, other)).toBe(
          other.startsWith(parameters.objectsPrefix) && suffixes.some((suffix) => other.endsWith(suffix)),
        );
      }),
    );
  });

  it('takes no output of a stage that is not refused, whatever the key of its object', () => {
    const outputs = (prefix: string, key: string) => [
      `${prefix}m@1/7f/${key}.out`,
      `${prefix}m@1/7f/${key}.manifest.json`,
      `${prefix}.parts/0f3a/12`,
      `${prefix}.parts/0f3a/12.json`,
    ];
    fc.assert(
      fc.property(affixes, part, (names, middle) => {
        const parameters = given({ ...SAME, ...names });
        fc.pre(objectsFaults(parameters).length === 0);
        const { eventPattern } = chooseObjects(parameters);
        for (const key of outputs(parameters.outputPrefix, middle))
          expect(matches(eventPattern, key)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it('would take outputs of one that is refused but for the function, which skips them', () => {
    const key = 'm@1/7f/a.csv.out';
    expect(matches(chooseObjects(given(SAME)).eventPattern, key)).toBe(true);
    expect(isOwnOutput({ bucket: 'texts', key }, { bucket: 'texts', prefix: '' })).toBe(true);
  });
});
