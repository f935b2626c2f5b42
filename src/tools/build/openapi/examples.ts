/** A request and its answer, as banking77-tfidf gives it: a test sends each to the API. */
export interface Example {
  readonly summary: string;
  /** A JSON value, or the text of a body of another type. */
  readonly request?: unknown;
  /** The parameters in path and query. */
  readonly parameters?: Readonly<Record<string, string | number>>;
  readonly status: number;
  readonly answer: unknown;
}

export type Examples = Readonly<Record<string, Example>>;

const LOST = { label: 'lost_or_stolen_card', score: 0.9960082 };
const LOST_PHONE = { label: 'lost_or_stolen_phone', score: 0.001729798 };
const ARRIVAL = { label: 'card_arrival', score: 0.9961073 };
const LINKING = { label: 'card_linking', score: 0.001395787 };

const TEXTS = ['I lost my card', 'Where is my new card?'] as const;
const [TEXT] = TEXTS;

const TITLES = {
  400: ['Bad Request', 'BadRequest'],
  404: ['Not Found', 'NotFound'],
  415: ['Unsupported Media Type', 'UnsupportedMediaType'],
  422: ['Unprocessable Content', 'Validation'],
} as const;

const problem = (
  status: keyof typeof TITLES,
  detail: string,
  faults?: readonly (readonly [string, string])[],
) => {
  const [title, type] = TITLES[status];
  return {
    ...{ type: 'about:blank', title, status, detail, error: detail, error_type: type },
    ...(faults && {
      errors: faults.map(([pointer, fault]) => ({ pointer, detail: fault, message: `${pointer}: ${fault}` })),
    }),
  };
};

const fault = (pointer: string, detail: string) => problem(422, `${pointer}: ${detail}`, [[pointer, detail]]);

const NOT_FOUND = problem(404, 'there is no model nope; GET /models lists all');

/** As Hugging Face's pipelines are asked. */
const pipeline = {
  one: { summary: 'One text', request: { inputs: TEXT }, status: 200, answer: [[LOST]] },
  batch: {
    summary: 'Several texts, two labels each',
    request: { inputs: TEXTS, parameters: { top_k: 2 } },
    status: 200,
    answer: [
      [LOST, LOST_PHONE],
      [ARRIVAL, LINKING],
    ],
  },
  partly: {
    summary: 'A text that cannot be classified fails alone',
    request: { inputs: [TEXT, '\ud800'] },
    status: 200,
    answer: [[LOST], { error: 'the text has an unpaired surrogate', error_type: 'Validation' }],
  },
  noText: {
    summary: 'A number in place of a text',
    request: { inputs: 5 },
    status: 422,
    answer: fault('/inputs', 'should be a text, or an object with text and text_pair'),
  },
  noInputs: {
    summary: 'No inputs',
    request: { text: TEXT },
    status: 422,
    answer: fault('/inputs', 'is missing; send {"inputs": "a text"}'),
  },
} satisfies Examples;

export const examples = {
  root: {
    ...pipeline,
    model: {
      summary: 'A model by name',
      request: { inputs: TEXT, model: 'banking77-tfidf@1' },
      status: 200,
      answer: [[LOST]],
    },
    unknownModel: {
      summary: 'A model that is not there',
      request: { inputs: TEXT, model: 'nope' },
      status: 404,
      answer: NOT_FOUND,
    },
  },
  model: {
    one: { ...pipeline.one, parameters: { name: 'banking77-tfidf' } },
    batch: { ...pipeline.batch, parameters: { name: 'banking77-tfidf' } },
    unknownModel: {
      summary: 'A model that is not there',
      parameters: { name: 'nope' },
      request: { inputs: TEXT },
      status: 404,
      answer: NOT_FOUND,
    },
  },
  tei: {
    one: {
      summary: 'One text, two labels in place of all',
      request: { inputs: TEXT, parameters: { top_k: 2 } },
      status: 200,
      answer: [LOST, LOST_PHONE],
    },
    batch: {
      summary: 'A batch',
      request: { inputs: TEXTS.map((text) => [text]), parameters: { top_k: 1 } },
      status: 200,
      answer: [[LOST], [ARRIVAL]],
    },
    pair: {
      summary: 'A pair for a model of single texts',
      request: { inputs: TEXTS },
      status: 422,
      answer: fault(
        '/inputs',
        'a list of texts is a pair here, and banking77-tfidf@1 is no model of pairs; for a batch send a list of lists, [["a"], ["b"]]',
      ),
    },
  },
  query: {
    one: { summary: 'One text', parameters: { text: TEXT }, status: 200, answer: [LOST] },
    two: {
      summary: 'Two labels',
      parameters: { text: TEXT, top_k: 2 },
      status: 200,
      answer: [LOST, LOST_PHONE],
    },
    unknownModel: {
      summary: 'A model that is not there',
      parameters: { text: TEXT, model: 'nope' },
      status: 404,
      answer: NOT_FOUND,
    },
  },
  invocations: {
    one: { summary: 'One text', request: { inputs: TEXT }, status: 200, answer: [LOST] },
    batch: { summary: 'Several texts', request: { inputs: TEXTS }, status: 200, answer: [[LOST], [ARRIVAL]] },
  },
  jsonLines: {
    lines: {
      summary: 'A line that is at fault is answered by its error',
      request: `"${TEXT}"\n{"inputs": "${TEXT}", "parameters": {"top_k": 2}}\n{\n`,
      status: 200,
      answer: [[LOST], [LOST, LOST_PHONE], { error: 'the body is not JSON', error_type: 'BadRequest' }],
    },
  },
  csv: {
    rows: {
      summary: 'A text with a comma is in quotation marks',
      request: `${TEXT}\n"${TEXTS[1]}"\n`,
      status: 200,
      answer: [[LOST], [ARRIVAL]],
    },
  },
  ping: { healthy: { summary: 'Ready', status: 200, answer: { status: 'ok' } } },
  unknownModel: {
    unknownModel: {
      summary: 'A model that is not there',
      parameters: { name: 'nope' },
      status: 404,
      answer: NOT_FOUND,
    },
  },
} satisfies Record<string, Examples>;
