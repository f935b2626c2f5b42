import { describeSqs } from '../../../contract/sqs.ts';
import { emulatedAws } from '../../../deploy/emulated-aws.ts';

describeSqs('of moto', async () => emulatedAws().sqs);
