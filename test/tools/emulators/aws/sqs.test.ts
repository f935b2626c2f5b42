import { SQSClient } from '@aws-sdk/client-sqs';
import { LOCAL_CREDENTIALS } from '../../../../src/tools/emulators/aws/aws-clients.ts';
import { type EmbeddedSqs, startSqs } from '../../../../src/tools/emulators/aws/sqs/server.ts';
import { describeSqs } from '../../../contract/sqs.ts';

let sqs: EmbeddedSqs;
let client: SQSClient;
beforeAll(async () => {
  sqs = await startSqs({ secondMs: 100 });
  client = new SQSClient({ endpoint: sqs.endpoint, region: 'us-east-1', credentials: LOCAL_CREDENTIALS });
});
afterAll(async () => {
  client.destroy();
  await sqs.stop();
});

describeSqs('embedded', async () => client);
