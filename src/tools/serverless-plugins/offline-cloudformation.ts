import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** CloudFormation's answer for a stack that was never deployed. */
const missingStack = (name: string): string =>
  '<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>Sender</Type>' +
  `<Code>ValidationError</Code><Message>Stack with id ${name} does not exist</Message></Error>` +
  '<RequestId>00000000-0000-0000-0000-000000000000</RequestId></ErrorResponse>';

/**
 * Starts a CloudFormation on 127.0.0.1 in which no stack exists. Packaging reads the layers that were deployed last;
 * without an AWS account there are none.
 * @returns its URL, for `AWS_ENDPOINT_URL_CLOUDFORMATION`, and `stop`. A process may end while it runs.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html
 */
export const startOfflineCloudFormation = async (): Promise<{ endpoint: string; stop(): Promise<void> }> => {
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const name = new URLSearchParams(body).get('StackName') ?? '';
      response.writeHead(400, { 'content-type': 'text/xml' }).end(missingStack(name.replace(/[^\w-]/g, '')));
    });
  });
  server.listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
