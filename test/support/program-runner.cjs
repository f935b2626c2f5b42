/**
 * A process that runs programs, one after the other, by message: commands of the project, and `serverless`, which loads
 * 2,800 modules for each command. Libraries stay loaded. What the Serverless Framework and a service's bundle remember is
 * forgotten before each run; the project's own modules remember nothing, but a command is what its module does. Bundles
 * that were built before are not built again (`remembered-builds.cjs`).
 *
 * A run is over when nothing is left to do or the program exits, as in a process of its own: one that would not end does
 * not end here.
 */
const { realpathSync } = require('node:fs');
const { dirname, join, relative, sep } = require('node:path');
const { pathToFileURL } = require('node:url');
const { crc32 } = require('node:zlib');
const { ZipFile } = require('yazl');
const { rememberBuilds } = require('./remembered-builds.cjs');

const MODULES = realpathSync(join(__dirname, '..', '..', 'node_modules'));
/** The framework keeps the command and its service. */
const FORGETFUL = /^(serverless|serverless-esbuild)$/;
const EXIT = Symbol('exit');
const { NODE_COMPILE_CACHE } = process.env;

const isKept = (file) => {
  const path = relative(MODULES, file).split(sep);
  return path[0] !== '..' && (!FORGETFUL.test(path[0]) || path.includes('node_modules'));
};

const forget = () => {
  for (const file of Object.keys(require.cache)) if (!isKept(file)) delete require.cache[file];
};

// esbuild starts its service in the folder that it was loaded in, which has to be there for all programs.
process.chdir(MODULES);
const esbuild = require('esbuild');
require.cache[require.resolve('esbuild')].exports = {
  ...esbuild,
  build: rememberBuilds(esbuild, join(dirname(NODE_COMPILE_CACHE), 'bundles')),
};

// The framework's archives are not compressed, which would be most of the work of `serverless package`, and their
// checksums are Node's.
require('buffer-crc32').unsigned = crc32;
const { addReadStreamLazy } = ZipFile.prototype;
ZipFile.prototype.addReadStreamLazy = function (name, options, open) {
  return addReadStreamLazy.call(this, name, { ...options, compressionLevel: 0 }, open);
};

const listeners = () =>
  process.eventNames().flatMap((name) => process.rawListeners(name).map((listener) => ({ name, listener })));

/** @type {{ stdout: string, stderr: string } | undefined} what the program that runs has written */
let written;
let before = [];
let runs = 0;

const end = (status) => {
  const answer = { status, ...written };
  written = undefined;
  for (const { name, listener } of listeners()) {
    if (before.some((other) => other.listener === listener)) continue;
    process.removeListener(name, listener);
    if (name === 'exit') listener.call(process, status);
  }
  process.exitCode = undefined;
  // The program's folder may be removed now.
  process.chdir(MODULES);
  process.channel.ref();
  process.send(answer);
};

process.on('message', async ({ file, args, cwd, env }) => {
  written = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr']) {
    process[stream].write = (chunk, encoding, callback = encoding) => {
      if (written !== undefined) written[stream] += chunk;
      if (typeof callback === 'function') process.nextTick(callback);
      return true;
    };
  }
  forget();
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, { NODE_COMPILE_CACHE, ...env });
  process.chdir(cwd);
  process.argv = [process.execPath, file, ...args];
  delete EvalError.$serverlessCommandStartTime;
  before = listeners();
  process.channel.unref();
  runs += 1;
  // An ES module is run again under another URL, and with it none that it imports.
  if (file.endsWith('.ts')) await import(`${pathToFileURL(file)}?run=${runs}`);
  else require(file);
});

process.on('beforeExit', () => {
  if (written !== undefined) end(process.exitCode ?? 0);
});

process.exit = (status = process.exitCode ?? 0) => {
  if (written !== undefined) end(status);
  throw EXIT;
};

process.on('uncaughtException', (error) => {
  if (error === EXIT || written === undefined) return;
  written.stderr += `${error.stack}\n`;
  end(1);
});
