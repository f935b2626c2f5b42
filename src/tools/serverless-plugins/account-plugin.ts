import type { Framework } from './framework.ts';

/** The part of the Serverless Framework's interface that is used here. */
interface Serverless extends Framework {
  getProvider(name: 'aws'): { getAwsSdkV3CredentialsProvider(): () => Promise<unknown> };
}

const NEEDS_ACCOUNT = /^(deploy|info|remove|rollback)\b/;

/** Checks credentials before anything else: the framework would package first, and leave the built files. */
export default class AccountPlugin {
  readonly hooks: Readonly<Record<string, () => Promise<void>>>;

  constructor(serverless: Serverless) {
    const command = serverless.processedInput.commands.join(' ');
    this.hooks = {
      initialize: async () => {
        if (!NEEDS_ACCOUNT.test(command)) return;
        try {
          await serverless.getProvider('aws').getAwsSdkV3CredentialsProvider()();
        } catch (error) {
          const reason = error instanceof Error ? error.message : String(error);
          throw new serverless.classes.Error(
            `serverless ${command} needs an AWS account and has no credentials for one: run "aws configure" or ` +
              `"aws sso login", or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. ` +
              `Nothing was packaged or changed. (${reason})`,
            'LABELSTREAM_ACCOUNT',
          );
        }
      },
    };
  }
}
