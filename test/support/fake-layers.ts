import { hash } from 'node:crypto';
import { AwsContent, type AwsRequest, AwsRefusal } from './fake-aws-server.ts';

/** How the ARNs of the emulated account begin. */
export const FAKE_ACCOUNT = 'arn:aws:lambda:us-east-1:123456789012';

interface Layer {
  readonly version: number;
  readonly arn: string;
  readonly description: string;
  readonly zip: Buffer;
}

/** The versions of one layer, and the objects of S3 that they are published from. */
export const fakeLayers = (layerName: string) => {
  const layers: Layer[] = [];
  const deleted = new Set<Layer>();
  const objects = new Map<string, Buffer>();
  const there = () => layers.filter((layer) => !deleted.has(layer));
  const named = ({ path }: AwsRequest) => layers[Number(path.at(-1)) - 1] as Layer;
  const object = ({ path }: AwsRequest) => path.join('/');

  const add = (description: string, zip: Buffer): Layer => {
    const version = layers.length + 1;
    const layer = { version, arn: `${FAKE_ACCOUNT}:layer:${layerName}:${version}`, description, zip };
    layers.push(layer);
    return layer;
  };

  const operations: Readonly<Record<string, (request: AwsRequest) => unknown>> = {
    ListLayerVersions: () => ({
      LayerVersions: there()
        .toReversed()
        .map(({ version: Version, arn: LayerVersionArn, description: Description }) => ({
          Version,
          LayerVersionArn,
          Description,
        })),
    }),
    PublishLayerVersion: ({ body }) => {
      const { Content, Description } = body as {
        Content: { ZipFile?: string; S3Bucket?: string; S3Key?: string };
        Description: string;
      };
      const zip =
        Content.ZipFile === undefined
          ? objects.get(`${Content.S3Bucket}/${Content.S3Key}`)
          : Buffer.from(Content.ZipFile, 'base64');
      if (zip === undefined) throw new AwsRefusal(400, 'InvalidParameterValueException', 'no such object');
      const { version, arn } = add(Description, zip);
      return { Version: version, LayerVersionArn: arn };
    },
    GetLayerVersion: (request) => {
      const { version, zip } = named(request);
      const Location = `http://${request.headers.host}/layer-content/${version}`;
      return { Content: { Location, CodeSize: zip.length, CodeSha256: hash('sha256', zip, 'base64') } };
    },
    FetchLayer: (request) => new AwsContent(named(request).zip),
    DeleteLayerVersion: (request) => void deleted.add(named(request)),
    PutObject: (request) => void objects.set(object(request), request.raw),
    DeleteObject: (request) => void objects.delete(object(request)),
  };

  return {
    operations,
    add,
    versions: () => there().map(({ version }) => version),
    /** ARN of the newest. */
    newest: () => layers.at(-1)?.arn ?? '',
    /** The description and the content of the newest. */
    newestLayer: () => layers.at(-1),
    /** The content of the version that is among these. */
    zipOf: (arns: readonly string[]) => layers.find(({ arn }) => arns.includes(arn))?.zip,
    /** A function cannot be given a version that was deleted. */
    check: (arns: readonly string[]): void => {
      const missing = arns.find(
        (arn) => arn.includes(`:${layerName}:`) && !there().some((layer) => layer.arn === arn),
      );
      if (missing === undefined) return;
      throw new AwsRefusal(400, 'InvalidParameterValueException', `Layer version ${missing} does not exist.`);
    },
  };
};
