import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { s3Objects } from '../../../src/stores/objects/s3.ts';
import { describeObjectStore } from '../../contract/object-store.ts';
import { emulatedAws } from '../../deploy/emulated-aws.ts';

const make = async () => {
  const { s3 } = emulatedAws();
  for (const Bucket of ['objects-one', 'objects-two']) await s3.send(new CreateBucketCommand({ Bucket }));
  return { store: s3Objects(s3), bucket: 'objects-one', other: 'objects-two', missing: 'objects-three' };
};

describeObjectStore('in S3, as moto emulates it', make, { copiesAnyVersion: true });
