import type { OpenObject, ReadObjectSettings, Source } from './format.ts';
import { jsonChunk, type JsonLine } from './json-lines.ts';
import { lineSplitter } from './splitters.ts';
import { requireBytes, textObject } from './text-object.ts';
import type { TextRecord } from './text-records.ts';

/**
 * An object of lines, whose output is JSON lines.
 *
 * @param lineOf what a line and its number, from 1, stand for
 * @throws FaultError (`empty`)
 */
export const linesObject = (
  source: Source,
  settings: ReadObjectSettings,
  lineOf: (record: TextRecord, number: number) => JsonLine,
): OpenObject => {
  requireBytes(source);
  return textObject(source, settings, {
    splitter: lineSplitter,
    chunkOf: ({ texts, number }) =>
      jsonChunk(
        texts.map((text, index) => lineOf(text, number + index)),
        settings.join,
      ),
  });
};
