/**
 * Bundles that esbuild has built for a copy of the service: another copy, with the same files and options, gets the same
 * ones. All tests share them, in a folder that the end of the tests removes.
 */
const { hash } = require('node:crypto');
const { existsSync, mkdirSync, readFileSync, realpathSync, renameSync, writeFileSync } = require('node:fs');
const { dirname, join, relative, resolve, sep } = require('node:path');

const digest = (file) => (existsSync(file) ? hash('sha256', readFileSync(file)) : 'none');
/** Files of the project that decide what esbuild reads, and which it does not list. */
const PROJECT = ['package.json', 'tsconfig.json'];

/**
 * @param {import('esbuild')} esbuild
 * @param {string} folder where bundles are kept
 * @returns {typeof import('esbuild').build} that of esbuild, for the builds that can be told apart by what they are given
 */
exports.rememberBuilds = (esbuild, folder) => {
  const { build } = esbuild;
  return async (given) => {
    const options = { absWorkingDir: process.cwd(), ...given };
    const { plugins = [], outdir, write = true } = options;
    if (plugins.length > 0 || !write || outdir === undefined || options.metafile) return build(options);
    const root = options.absWorkingDir;
    // A copy's sources can be a link to those of another copy, which is what esbuild then lists.
    const sources = dirname(realpathSync(join(root, 'src')));
    const out = resolve(root, outdir);
    const settings = JSON.stringify({ ...options, absWorkingDir: '', outdir: '' });
    const key = hash(
      'sha256',
      [esbuild.version, settings, ...PROJECT.map((file) => digest(join(root, file)))].join(),
    );
    const record = join(folder, `${key}.json`);
    const digests = (inputs) => inputs.map((file) => digest(join(sources, file))).join();

    if (existsSync(record)) {
      const { inputs, digests: before, outputs, result } = JSON.parse(readFileSync(record, 'utf8'));
      if (digests(inputs) === before) {
        for (const [file, content] of outputs) {
          mkdirSync(dirname(join(out, file)), { recursive: true });
          writeFileSync(join(out, file), content, 'base64');
        }
        return result;
      }
    }
    const { metafile, ...result } = await build({ ...options, metafile: true });
    const modules = realpathSync(join(root, 'node_modules'));
    // Nothing changes what npm has installed while tests run.
    const inputs = Object.keys(metafile.inputs)
      .map((file) => resolve(root, file))
      .filter((file) => !file.startsWith(modules + sep))
      .map((file) => relative(sources, file));
    const outputs = Object.keys(metafile.outputs).map((file) => {
      const path = resolve(root, file);
      return [relative(out, path), readFileSync(path, 'base64')];
    });
    mkdirSync(folder, { recursive: true });
    const written = `${record}-${process.pid}`;
    writeFileSync(written, JSON.stringify({ inputs, digests: digests(inputs), outputs, result }));
    renameSync(written, record);
    return result;
  };
};
