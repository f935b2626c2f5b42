import { defaultParameters } from '../serverless-yml/default-parameters.ts';

/** The stream of a stage, as far as it affects costs. */
export interface DeployedStream {
  readonly mode: 'ON_DEMAND' | 'PROVISIONED';
  /** Of a provisioned stream. */
  readonly shards: number;
  /** `native`: DynamoDB puts the changes into the stream, and charges for it. `function`: a function does. */
  readonly fanOut: 'native' | 'function';
}

/** The stream of a stage that is deployed with the defaults of `serverless.yml`. @param root the folder of that file */
export const defaultStream = async (root: string): Promise<DeployedStream> => {
  const { streamMode, shards, fanOut } = await defaultParameters(root);
  return {
    mode: streamMode === 'PROVISIONED' ? 'PROVISIONED' : 'ON_DEMAND',
    shards: Number(shards),
    fanOut: fanOut === 'function' ? 'function' : 'native',
  };
};
