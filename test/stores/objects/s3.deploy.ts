import { randomUUID } from 'node:crypto';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { s3Objects } from '../../../src/stores/objects/s3.ts';
import { describeObjectStore } from '../../contract/object-store.ts';
import { emulatedAws } from '../../deploy/emulated-aws.ts';

const make = async () => {
  const { s3 } = emulatedAws();
  const [bucket, other, missing] = ['one', 'two', 'three'].map((name) => `${name}-${randomUUID()}`) as [
    string,
    string,
    string,
  ];
  for (const Bucket of [bucket, other]) await s3.send(new CreateBucketCommand({ Bucket }));
  return { store: s3Objects(s3), bucket, other, missing };
};

describeObjectStore('in S3, as moto emulates it', make, { copiesAnyVersion: true });
