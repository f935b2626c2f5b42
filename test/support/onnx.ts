/**
 * A writer of ONNX files, as small as tests need it: a message is a list of fields, each a number in onnx.proto and a
 * value.
 *
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto and https://protobuf.dev/programming-guides/encoding/
 */
export type Fields = readonly (readonly [number: number, value: number | string | Buffer | Fields])[];

/** Numbers become varints, lists become messages. */
export const proto = (fields: Fields): Buffer =>
  Buffer.concat(
    fields.map(([number, value]) => {
      if (typeof value === 'number') return Buffer.concat([varint(number * 8), varint(value)]);
      const content = typeof value === 'string' || Buffer.isBuffer(value) ? Buffer.from(value) : proto(value);
      return Buffer.concat([varint(number * 8 + 2), varint(content.length), content]);
    }),
  );

export const varint = (value: number): Buffer => {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
};

const FLOAT = 1;
const STRING = 8;

const floats = (...values: readonly number[]): Buffer => Buffer.from(Float32Array.from(values).buffer);

/** A tensor of floats: in the file, or at the beginning of another. */
export const tensor = (name: string, values: readonly number[], location?: string): Fields => [
  [1, values.length],
  [2, FLOAT],
  [8, name],
  ...(location === undefined
    ? ([[9, floats(...values)]] as const)
    : ([
        [
          13,
          [
            [1, 'location'],
            [2, location],
          ],
        ],
        [14, 1],
      ] as const)),
];

const node = (
  operator: string,
  inputs: readonly string[],
  output: string,
  attributes: Fields = [],
): Fields => [...inputs.map((input) => [1, input] as const), [2, output], [4, operator], ...attributes];

const value = (name: string, type: number, columns: number): Fields => [
  [1, name],
  [
    2,
    [
      [
        1,
        [
          [1, type],
          [
            2,
            [
              [1, [[2, 'N']]],
              [1, [[1, columns]]],
            ],
          ],
        ],
      ],
    ],
  ],
];

export interface TextModelOptions {
  /** More fields of the graph, such as `[5, tensor(…)]`, an initializer. */
  readonly graph?: Fields;
  /** More fields of the model. */
  readonly model?: Fields;
  /** The file that has the graph's one constant; the graph itself, unless given. */
  readonly location?: string;
}

/** The constant of `textModel`, as a file of its own. */
export const CONSTANT = floats(1);

/**
 * A graph as skl2onnx exports a classifier: it takes a column of texts and gives the probabilities of two labels, 0.75
 * and 0.25 for the text "yes", 0 and 1 for all others.
 */
export const textModel = ({ graph = [], model = [], location }: TextModelOptions = {}): Buffer =>
  proto([
    [1, 8],
    [
      8,
      [
        [1, ''],
        [2, 13],
      ],
    ],
    [
      8,
      [
        [1, 'ai.onnx.ml'],
        [2, 2],
      ],
    ],
    [
      7,
      [
        [
          1,
          node('LabelEncoder', ['text'], 'first', [
            [7, 'ai.onnx.ml'],
            [
              5,
              [
                [1, 'keys_strings'],
                [9, 'yes'],
                [20, 8],
              ],
            ],
            [
              5,
              [
                [1, 'values_floats'],
                [7, floats(0.75)],
                [20, 6],
              ],
            ],
          ]),
        ],
        [1, node('Sub', ['one', 'first'], 'second')],
        [
          1,
          node('Concat', ['first', 'second'], 'probabilities', [
            [
              5,
              [
                [1, 'axis'],
                [3, 1],
                [20, 2],
              ],
            ],
          ]),
        ],
        [2, 'texts'],
        [5, tensor('one', [1], location)],
        [11, value('text', STRING, 1)],
        [12, value('probabilities', FLOAT, 2)],
        ...graph,
      ],
    ],
    ...model,
  ]);
