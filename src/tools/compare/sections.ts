import { type Chart, type Fact, factsSection, type Section, tableSection } from '../report/section.ts';
import type { CascadePoint, Comparison, Quality } from './comparison.ts';
import type { Proportion } from '../statistics.ts';

/** A model, and what it takes. */
export interface ModelMeasures {
  /** `name@version` */
  readonly model: string;
  /** Texts a second on one thread, by the hundred and one at a time. */
  readonly perSecond: number;
  readonly perSecondSingle: number;
  /** At most, of a function that loads it. */
  readonly memoryMB: number;
  readonly bytes: number;
  readonly loadMs: number;
}

/** Two models, beside each other. */
export interface Compared extends Comparison {
  readonly models: readonly ModelMeasures[];
  /** Where labels are known: the faster one is asked first. */
  readonly cascade?: {
    readonly first: string;
    readonly second: string;
    readonly points: readonly CascadePoint[];
  };
}

const percent = (share: number, digits = 2): string => `${(100 * share).toFixed(digits)} %`;
const count = (value: number): string => value.toLocaleString('en-US');
const interval = ({ value, least, most }: Proportion): string =>
  `${percent(value)} (${percent(least)} to ${percent(most)})`;

/** A comparison for a terminal or a page. @param source of the texts */
export const comparisonSections = (compared: Compared, source: string): readonly Section[] => {
  const { models, differences, quality, cascade } = compared;
  const [first = '', second = ''] = models.map(({ model }) => model);
  return [
    summary(compared, first, second, source),
    {
      ...tableSection(
        'models',
        'Speed and memory',
        [
          { key: 'model', head: 'model' },
          { key: 'perSecond', head: 'texts/s, by the hundred' },
          { key: 'perSecondSingle', head: 'texts/s, one at a time' },
          { key: 'memoryMB', head: 'memory MB' },
          { key: 'bytes', head: 'bytes in the layer' },
          { key: 'loadMs', head: 'load ms' },
        ],
        models.map((model) => ({ ...model })),
      ),
      notes: ['On one thread of this machine; the memory is that of the function with the model.'],
    },
    ...(quality === undefined ? [] : [calibration(first, second, quality)]),
    ...(cascade === undefined ? [] : [cascadeSection(cascade)]),
    ...(differences.length === 0 ? [] : [differenceSection(compared, first, second)]),
  ];
};

const summary = (
  { texts, labelled, agreement, quality }: Compared,
  first: string,
  second: string,
  source: string,
): Section => ({
  ...factsSection('compare', `${first} and ${second}`, [
    ['texts', `${count(texts)} of ${source}, ${count(labelled)} of them with an expected label`],
    ['agreement', interval(agreement)],
    ...(quality === undefined
      ? []
      : ([
          [`accuracy of ${first}`, interval(quality.first.accuracy)],
          [`accuracy of ${second}`, interval(quality.second.accuracy)],
          [
            'right',
            `both ${count(quality.bothRight)}, only ${first} ${count(quality.onlyFirst)}, only ${second} ` +
              `${count(quality.onlySecond)}, neither ${count(quality.neither)}`,
          ],
          ['difference', chanceText(quality.chance)],
          ['calibration error', calibrationText(first, second, quality)],
        ] satisfies Fact[])),
  ]),
  notes: ["Intervals: 95 % (Wilson). The chance is that of McNemar's exact test."],
});

const chanceText = (chance: number): string =>
  `${chance < 0.05 ? 'more than chance' : 'may be chance'}: two equally good models differ as much in ` +
  `${chance < 0.0001 ? 'less than 0.01 %' : percent(chance)} of cases`;

const calibrationText = (first: string, second: string, quality: NonNullable<Compared['quality']>): string =>
  `${first} ${quality.first.calibration.expectedError.toFixed(4)}, ${second} ${quality.second.calibration.expectedError.toFixed(4)} (15 bins)`;

/** Thresholds that a terminal shows. */
const SHOWN_THRESHOLDS: readonly number[] = [0, 0.5, 0.8, 0.9, 0.95, 0.99];

const calibration = (first: string, second: string, quality: NonNullable<Compared['quality']>): Section => ({
  ...tableSection(
    'scores',
    'Accuracy of the texts whose score is at least a threshold',
    [
      { key: 'threshold', head: 'threshold', digits: 2 },
      { key: 'firstAnswered', head: `share of texts, ${first}`, digits: 3 },
      { key: 'firstAccuracy', head: 'accuracy', digits: 3 },
      { key: 'secondAnswered', head: `share of texts, ${second}`, digits: 3 },
      { key: 'secondAccuracy', head: 'accuracy', digits: 3 },
    ],
    quality.first.byThreshold.flatMap(({ threshold, answered: share, accuracy }, index) => {
      const other = quality.second.byThreshold[index];
      if (!SHOWN_THRESHOLDS.includes(threshold) || other === undefined) return [];
      return [
        {
          threshold,
          ...{ firstAnswered: share, firstAccuracy: accuracy },
          ...{ secondAnswered: other.answered, secondAccuracy: other.accuracy },
        },
      ];
    }),
  ),
  charts: [reliability(first, second, quality), answered(first, second, quality)],
});

const reliability = (first: string, second: string, quality: NonNullable<Compared['quality']>): Chart => {
  const points = ({ calibration: { bins } }: Quality) =>
    bins.map(({ confidence, accuracy }) => [confidence, accuracy] as const);
  return {
    kind: 'lines',
    title: 'Reliability: where a model is calibrated, its line is that of equality',
    x: 'mean score',
    y: 'accuracy',
    series: [
      { name: first, points: points(quality.first) },
      { name: second, points: points(quality.second) },
      {
        name: 'equality',
        points: [
          [0, 0],
          [1, 1],
        ],
      },
    ],
  };
};

const answered = (first: string, second: string, quality: NonNullable<Compared['quality']>): Chart => {
  const points = ({ byThreshold }: Quality) =>
    byThreshold.map(({ answered: share, accuracy }) => [share, accuracy] as const).toReversed();
  return {
    kind: 'lines',
    title: 'Accuracy of the texts that are answered, where the least confident answers are left out',
    x: 'share of the texts that is answered',
    y: 'accuracy',
    yFrom: Math.min(quality.first.accuracy.value, quality.second.accuracy.value),
    series: [
      { name: first, points: points(quality.first) },
      { name: second, points: points(quality.second) },
    ],
  };
};

const cascadeSection = ({ first, second, points }: NonNullable<Compared['cascade']>): Section => ({
  ...tableSection(
    'cascade',
    `A cascade: ${first} first, ${second} where its score is below a threshold`,
    [
      { key: 'threshold', head: 'threshold', digits: 3 },
      { key: 'answeredByFirst', head: `share that ${first} answers`, digits: 3 },
      { key: 'accuracy', head: 'accuracy', digits: 4 },
      { key: 'perSecond', head: 'texts/s' },
    ],
    points.map((point) => ({ ...point })),
  ),
  charts: [
    {
      kind: 'lines',
      title: 'Accuracy against speed',
      x: 'texts a second',
      y: 'accuracy',
      yFrom: Math.min(...points.map(({ accuracy }) => accuracy)),
      series: [
        {
          name: 'the cascade, from threshold 1 to 0',
          points: points.map(({ perSecond, accuracy }) => [perSecond, accuracy] as const).toReversed(),
        },
      ],
    },
  ],
  notes: [
    'The speed is computed from those of the two alone. Choose a threshold on other texts than you test on.',
  ],
});

const SHOWN = 120;
const shortened = (text: string): string => {
  const characters = [...text.replaceAll(/\s+/g, ' ')];
  return characters.length > SHOWN ? `${characters.slice(0, SHOWN).join('')} …` : characters.join('');
};

const differenceSection = ({ differences, labelled }: Compared, first: string, second: string): Section =>
  tableSection(
    'differences',
    'Where they differ most often',
    [
      { key: 'first', head: first },
      { key: 'second', head: second },
      { key: 'count', head: 'texts' },
      ...(labelled > 0
        ? [
            { key: 'firstRight', head: 'the first is right' },
            { key: 'secondRight', head: 'the second is right' },
          ]
        : []),
      { key: 'examples', head: 'for example' },
    ],
    differences.map(({ examples, ...difference }) => ({
      ...difference,
      examples: examples.map(shortened).join('\n'),
    })),
  );
