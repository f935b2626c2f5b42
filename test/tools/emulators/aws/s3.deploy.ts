import { describeS3 } from '../../../contract/s3.ts';
import { emulatedAws } from '../../../deploy/emulated-aws.ts';

describeS3('of moto', async () => emulatedAws().s3);
