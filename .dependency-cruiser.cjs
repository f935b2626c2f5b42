/** The layout's rules: dependencies point inward. See ARCHITECTURE.md. */
const SHIPPED = { path: '^src/', pathNot: '^src/tools/' };

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'pipeline-and-tasks-are-pure',
      comment: 'They get interfaces: no AWS SDK, no ONNX Runtime, no adapter, no environment.',
      severity: 'error',
      from: { path: '^src/(pipeline|tasks|dynamodb-json)/' },
      to: {
        pathNot: [
          '^src/(pipeline|tasks)/',
          '^src/(csv-line|errors|protobuf)\\.ts$',
          '^src/dynamodb-json/',
          '^node:(buffer|crypto|zlib)$',
          '^(buffer|crypto|zlib)$',
          // Readers of file formats, which do no input or output themselves.
          'node_modules/(csv-parse|hyparquet|hyparquet-writer)/',
        ],
      },
    },
    {
      name: 'records-know-no-items',
      comment: 'What arrives is read before it is known what an item holds.',
      severity: 'error',
      from: { path: '^src/pipeline/records/' },
      to: { path: '^src/pipeline/items/' },
    },
    {
      name: 'only-doors-wire',
      comment:
        'wire/ is the one place where adapters are built; only the doors, and tools, may ask for them.',
      severity: 'error',
      from: { pathNot: '^src/(functions|http|jobs|server|tools|wire)/|^test/' },
      to: { path: '^src/wire/' },
    },
    {
      name: 'nothing-imports-tools',
      comment: 'src/tools never ships.',
      severity: 'error',
      from: SHIPPED,
      to: { path: '^src/tools/' },
    },
    {
      name: 'nothing-imports-examples',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^examples/' },
    },
    {
      name: 'nothing-imports-functions',
      severity: 'error',
      comment: 'The program of the image is one or another of them.',
      from: { path: '^src/', pathNot: '^src/(functions/|main\\.ts$)' },
      to: { path: '^src/functions/' },
    },
    {
      name: 'foundations-of-the-tools',
      comment: 'Emulators, the build and the reader of serverless.yml know none of the tools that use them.',
      severity: 'error',
      from: { path: '^src/tools/(emulators|build|serverless-yml)/' },
      to: {
        path: '^src/tools/',
        pathNot: '^src/tools/((emulators|build|serverless-yml)/|(random|scratch-folder|user-error)\\.ts$)',
      },
    },
    {
      name: 'ingest-knows-no-chaos',
      severity: 'error',
      from: { path: '^src/tools/ingest/' },
      to: { path: '^src/tools/chaos/' },
    },
    {
      name: 'stage-knows-no-plugins',
      severity: 'error',
      from: { path: '^src/tools/stage/' },
      to: { path: '^src/tools/serverless-plugins/' },
    },
    {
      name: 'inference-stays-in-models',
      comment: 'Loaded by one module, which turns its telemetry off before.',
      severity: 'error',
      from: { path: '^(src|layers|events|test)/', pathNot: '^src/models/inference/onnxruntime\\.ts$' },
      to: { path: 'node_modules/(onnxruntime-node|onnxruntime-common)/' },
    },
    {
      name: 'aws-sdk-stays-in-adapters',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(stores|streams|wire|tools)/' },
      to: { path: 'node_modules/@aws-sdk/' },
    },
    {
      name: 'shipped-code-uses-shipped-dependencies',
      severity: 'error',
      from: SHIPPED,
      to: { dependencyTypes: ['npm-dev'], pathNot: 'node_modules/@types/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    parser: 'swc',
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
