import { must } from '../../errors.ts';
import { type AttributeMap, stringOf } from '../../dynamodb-json/attributes.ts';
import { tableScan } from '../../stores/dynamodb/table-scan.ts';
import { textClassification } from '../../tasks/text-classification.ts';
import { documentSettings } from '../../wire/labels.ts';
import { InputError } from '../ingest/input/input-error.ts';
import { type Message, readAllMessages } from '../ingest/input/input.ts';
import { type LiveStage, openLiveStage } from '../ingest/stage/live-settings.ts';
import { failedCall } from '../aws-fault.ts';
import { UserError } from '../user-error.ts';

/** Texts to compare models on, at least one. */
export interface ComparedTexts {
  readonly messages: readonly Message[];
  /** Where they come from, for a reader of the report. */
  readonly source: string;
}

export interface FileTexts {
  readonly input: string;
  readonly textColumn?: string | undefined;
  readonly labelColumn?: string | undefined;
}

/** The texts of a file. @throws InputError where it cannot be used, or has no label in its column of labels */
export const textsOfFile = async ({ input, textColumn, labelColumn }: FileTexts): Promise<ComparedTexts> => {
  const messages = await readAllMessages(input, { textColumn, labelColumn });
  if (labelColumn !== undefined && messages.every(({ label }) => label === undefined))
    throw new InputError('no record has a label; name another column', { file: input, column: labelColumn });
  return { messages, source: input };
};

export interface StageTexts {
  readonly stage: string;
  readonly region?: string | undefined;
  /** The number of items. */
  readonly items: number;
  /** The attribute of an item that has the expected label. */
  readonly labelAttribute?: string | undefined;
}

/** Pages are read from so many parts of the table in turn, so that the items are from all over it. */
const PARTS = 16;
const PAGE = 100;

/**
 * The texts of items in a stage's table, and the model that the stage uses. It only reads: half a read unit for each
 * 4 KB.
 *
 * @throws UserError where the stage is not deployed, its model is not in `models/`, or no item has a text
 */
export const textsOfStage = async (
  root: string,
  { stage, region, items, labelAttribute }: StageTexts,
): Promise<ComparedTexts & { readonly inUse: string; readonly maxTextCharacters: number }> => {
  const live = await openLiveStage({ root, stage, region });
  try {
    const { config, models } = live;
    const inUse = must(config.MODEL[0], 'MODEL of the stage');
    if (models === undefined)
      throw new UserError(
        `Stage ${stage} uses ${inUse}, which is not in models/: get its folder there to compare with it.`,
      );
    const messages: Message[] = [];
    for await (const item of itemsOf(live, items, labelAttribute)) {
      const text = textClassification.inputOf(item, documentSettings(config));
      // Of a pair, and of what is no text, there is no label to compare.
      if (typeof text !== 'string') continue;
      const label = labelAttribute === undefined ? undefined : stringOf(item[labelAttribute]);
      messages.push(label ? { text, label } : { text });
      if (messages.length === items) break;
    }
    if (messages.length === 0)
      throw new UserError(`No item of table ${config.DOCUMENTS_TABLE} has a text to compare models on.`);
    if (labelAttribute !== undefined && messages.every(({ label }) => label === undefined))
      throw new UserError(`No item has a label in ${labelAttribute}; name another --label-column.`);
    return {
      ...{ messages, inUse, maxTextCharacters: config.MAX_TEXT_CHARACTERS },
      source: `items of table ${config.DOCUMENTS_TABLE}`,
    };
  } finally {
    live.close();
  }
};

/** Items of all parts of the table in turn. */
async function* itemsOf(
  { config, dynamodb }: LiveStage,
  items: number,
  labelAttribute: string | undefined,
): AsyncGenerator<AttributeMap> {
  const { textAttributes, textPairAttribute } = documentSettings(config);
  const places = [...textAttributes, ...(textPairAttribute === undefined ? [] : [textPairAttribute])];
  const attributes = [
    ...places.map(({ path: [name] }) => must(name, 'attribute')),
    ...(labelAttribute === undefined ? [] : [labelAttribute]),
  ];
  const table = config.DOCUMENTS_TABLE;
  const { parts, pages } = tableScan(dynamodb, {
    ...{ table, segments: PARTS, attributes: attributes.map(String) },
    pageSize: Math.min(PAGE, items),
  });
  const { signal } = new AbortController();
  let open = parts.map((part) => pages(part, undefined, signal)[Symbol.asyncIterator]());
  while (open.length > 0) {
    for (const part of open) {
      const page = await part.next().catch((cause: unknown) => {
        throw failedCall(`Reading table ${table}`, cause);
      });
      if (page.done === true) open = open.filter((one) => one !== part);
      else yield* page.value.items;
    }
  }
}
