/** The layout's rules: dependencies point inward. See "Layout" in README.md. */
module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'pipeline-is-pure',
      comment: 'The pipeline gets interfaces: no AWS SDK, no ONNX Runtime, no adapter, no environment.',
      severity: 'error',
      from: { path: '^src/pipeline/' },
      to: {
        pathNot: ['^src/pipeline/', '^src/errors\\.ts$', '^node:(crypto|zlib)$', '^(crypto|zlib)$'],
      },
    },
    {
      name: 'only-functions-wire',
      comment: 'wire*.ts are the one place where adapters are built; only the entry points may ask for them.',
      severity: 'error',
      from: { pathNot: '^src/(functions|local)/' },
      to: { path: '^src/wire[\\w-]*\\.ts$' },
    },
    {
      name: 'nothing-imports-local',
      comment: 'src/local never ships.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/local/' },
      to: { path: '^src/local/' },
    },
    {
      name: 'nothing-imports-functions',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/functions/' },
      to: { path: '^src/functions/' },
    },
    {
      name: 'inference-stays-in-models',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(models|local)/' },
      to: { path: 'node_modules/(onnxruntime-node|onnxruntime-common)/' },
    },
    {
      name: 'onnx-runtime-without-telemetry',
      comment: 'Loaded by one module, which turns its telemetry off before.',
      severity: 'error',
      from: { path: '^(src|layers|events|test)/', pathNot: '^src/models/onnxruntime\\.ts$' },
      to: { path: 'node_modules/(onnxruntime-node|onnxruntime-common)/' },
    },
    {
      name: 'aws-sdk-stays-in-adapters',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(stores|streams|local)/|^src/wire[\\w-]*\\.ts$' },
      to: { path: 'node_modules/@aws-sdk/' },
    },
    {
      name: 'shipped-code-uses-shipped-dependencies',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/local/' },
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
