import { join } from 'node:path';
import { ConfigError } from '../../errors.ts';
import { isFolderBucket, parsePlace, type Place } from '../objects/place.ts';

const FOLDER = 'AWSDynamoDB/';

/**
 * Where an export is: `s3://bucket/prefix/AWSDynamoDB/<id>/`, or a copy of that folder on this machine.
 *
 * @throws ConfigError where it is neither
 */
export const exportPlace = async (written: string): Promise<Place> => {
  const place = await parsePlace(written);
  const path = `${isFolderBucket(place.bucket) ? join(place.bucket, place.key) : place.key}/`;
  const at = path.lastIndexOf(FOLDER);
  if (at < 0)
    throw new ConfigError(`${written} is no export of a table: its path should end in ${FOLDER}<id>/.`);
  return isFolderBucket(place.bucket) ? { bucket: path.slice(0, at), key: path.slice(at) } : place;
};
