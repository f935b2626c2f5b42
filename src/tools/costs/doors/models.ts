import { type Section, tableSection } from '../../report/section.ts';
import type { MeasuredModel } from '../measured.ts';
import { PRICES } from '../prices.ts';
import { MONTH_SECONDS } from './lambda-time.ts';

/** Calls to S3 of a new environment besides those for the files: pointers and manifests. */
const CALLS_BESIDES = 4;

/** US dollars for a place of models. */
export interface ModelPlace {
  /** A month for one version. */
  readonly storage: number;
  /** A thousand new environments. */
  readonly starts: number;
  /** A month of an environment that looks for other versions. */
  readonly looking: number;
}

export interface ModelsRequest {
  readonly files: NonNullable<MeasuredModel['files']>;
  readonly refreshSeconds: number;
}

/** @param files of one version of the model */
export const modelPlaces = ({ files: { count, megabytes }, refreshSeconds }: ModelsRequest) => {
  const gigabytes = megabytes / 1000;
  const { s3, efs, ecr } = PRICES;
  return {
    layer: { storage: 0, starts: 0, looking: 0 },
    s3: {
      storage: gigabytes * s3.storageGB,
      starts: 1000 * (count + CALLS_BESIDES) * s3.read,
      looking: (MONTH_SECONDS / refreshSeconds) * s3.read,
    },
    efs: { storage: gigabytes * efs.storageGB, starts: 1000 * gigabytes * efs.readGB, looking: 0 },
    image: { storage: gigabytes * ecr.storageGB, starts: 0, looking: 0 },
  } satisfies Record<string, ModelPlace>;
};

const NAMES: Readonly<Record<keyof ReturnType<typeof modelPlaces>, string>> = {
  layer: 'a layer',
  s3: 'S3',
  efs: 'EFS',
  image: 'the container image',
};

/** @param chosen the stage's place */
export const modelsSection = (model: string, request: ModelsRequest, chosen: string): Section => ({
  ...tableSection(
    'models',
    `Models: ${model}, ${request.files.count} files of ${request.files.megabytes} MB`,
    [
      { key: 'place', head: 'in' },
      { key: 'storage', head: '$ a month, storage', digits: 4 },
      { key: 'starts', head: '$ a thousand cold starts', digits: 4 },
      { key: 'looking', head: '$ a month and environment', digits: 4 },
    ],
    Object.entries(modelPlaces(request)).map(([place, cost]) => ({
      place: `${NAMES[place as keyof typeof NAMES]}${place === chosen ? ' (models)' : ''}`,
      ...cost,
    })),
  ),
  notes: [
    `With S3 an environment looks for other versions every ${request.refreshSeconds} seconds.`,
    "EFS needs a VPC, whose endpoints or gateway are not in it; the image's own size is not, either.",
  ],
});
