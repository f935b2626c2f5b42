import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { must } from '../../errors.ts';

interface ServiceFunction {
  handler?: string;
  layers?: unknown;
  runtime?: unknown;
  image?: { readonly uri: string; readonly command: readonly string[] };
}

/** The part of the Serverless Framework's interface that is used here. */
interface Serverless {
  readonly serviceDir: string;
  readonly processedInput: { readonly commands: readonly string[] };
  readonly service: {
    readonly functions: Readonly<Record<string, ServiceFunction>>;
    layers: Readonly<Record<string, unknown>>;
    readonly custom: {
      readonly labelstream: {
        readonly parameters: { readonly package: string; readonly imageUri: string };
      };
    };
  };
}

/** Commands that deploy, or make what is deployed; others run the functions from their source. */
const DEPLOYING = new Set(['package', 'deploy', 'deploy function']);

/**
 * With `package=image`, deploys the functions from the container image, which has ONNX Runtime and the models: there are
 * no layers. Its first argument is the name of the function's file.
 */
export default class ImagePlugin {
  readonly hooks: Readonly<Record<string, () => Promise<void>>>;

  constructor(serverless: Serverless) {
    const { service, processedInput, serviceDir } = serverless;
    const isImage = (): boolean =>
      service.custom.labelstream.parameters.package === 'image' &&
      DEPLOYING.has(processedInput.commands.join(' '));
    this.hooks = {
      initialize: async () => {
        if (!isImage()) return;
        const { imageUri } = service.custom.labelstream.parameters;
        for (const [name, one] of Object.entries(service.functions)) {
          one.image = { uri: imageUri, command: [programOf(must(one.handler, `handler of ${name}`))] };
          delete one.handler;
          delete one.layers;
          delete one.runtime;
        }
        service.layers = {};
      },
      // serverless-esbuild copies the folder of its zip files afterwards, and makes it only where there is one.
      'after:package:createDeploymentArtifacts': async () => {
        if (isImage()) await mkdir(join(serviceDir, '.esbuild', '.serverless'), { recursive: true });
      },
    };
  }
}

/** `src/functions/classify-stream.handler` → `classify-stream` */
const programOf = (handler: string): string => basename(handler).replace(/\.handler$/, '');
