import { s3Objects } from '../../../src/stores/objects/s3.ts';
import { describeObjectStore } from '../../contract/object-store.ts';
import { type S3World, s3World } from '../../support/embedded-s3.ts';

let world: S3World;
beforeAll(async () => {
  world = await s3World(['bucket-one', 'bucket-two'], { mostKeys: 20 });
});
afterAll(() => world.stop());

const make = async () => ({
  store: s3Objects(world.client),
  ...{ bucket: 'bucket-one', other: 'bucket-two', missing: 'bucket-three' },
});

describeObjectStore('in S3', make, { many: 50 });
