import type * as z from 'zod';
import { must } from '../../errors.ts';
import type { ModelFolder } from '../folder/model-folder.ts';
import type { LoadModel } from '../loaded-model.ts';
import { cascade } from './cascade.ts';
import type { Format, LoadOptions } from './format.ts';
import { sklearn } from './sklearn.ts';
import { transformer } from './transformer.ts';

/** All formats. A manifest without a format gets the first one that it looks like. */
export const formats = [sklearn, cascade, transformer] as const;

/** The manifest of a model folder: its `model.json`, completed from its path. */
export type Manifest = z.infer<(typeof formats)[number]['schema']>;

const byName = new Map<string, Format>(formats.map((format) => [format.name, format]));

export const formatOf = ({ manifest }: ModelFolder): Format =>
  must(byName.get(manifest.format), `format ${manifest.format}`);

/** Loads a model of any format. */
export const loadModel =
  (options: LoadOptions = {}): LoadModel =>
  (model, others) =>
    formatOf(model).load(model, options, others);
