import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const POM = join(import.meta.dirname, 'pom.xml');

export interface DynamoDbLocal {
  readonly endpoint: string;
  /** Ends the server; all data goes with it. Resolves when it is gone; may be called again. */
  stop(): Promise<void>;
}

/**
 * Has Maven copy DynamoDB Local and all that it needs into `folder`, unless that holds what `pom.xml` asks for.
 *
 * @throws Error that says what is missing or what Maven said
 */
export const fetchDynamoDbLocal = async (folder: string): Promise<void> => {
  const asked = await readFile(POM, 'utf8');
  const held = await readFile(join(folder, 'pom.xml'), 'utf8').catch(() => '');
  if (held === asked) return;
  needs('mvn', '-version', 'Maven, to fetch DynamoDB Local');
  const partial = `${folder}.${process.pid}`;
  await mkdir(partial, { recursive: true });
  try {
    const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${partial}`, '-DincludeScope=runtime'];
    const maven = spawnSync('mvn', ['-q', '-B', '-f', POM, ...goal], { encoding: 'utf8' });
    if (maven.status !== 0) throw new Error(`Maven cannot fetch DynamoDB Local:\n${maven.stdout}`);
    // Last, so that what was interrupted is fetched anew.
    await copyFile(POM, join(partial, 'pom.xml'));
    await rm(folder, { recursive: true, force: true });
    await rename(partial, folder);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
};

/**
 * Starts AWS's DynamoDB Local, with Streams and PartiQL, in memory, and resolves once it answers. The tables that a
 * client sees are those of its access key and region.
 *
 * @param folder where `fetchDynamoDbLocal` put it
 * @throws Error with what the server said when it ends or does not answer within `timeoutMs`
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/DynamoDBLocal.html
 */
export const startDynamoDbLocal = async (folder: string, timeoutMs = 30_000): Promise<DynamoDbLocal> => {
  needs('java', '-version', 'Java 17 or later, to run DynamoDB Local');
  const port = await freePort();
  const server = spawn(
    'java',
    [
      // A server for tests: start soon and stay small.
      ...['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xmx1g'],
      ...[`-Djava.library.path=${folder}`, '-cp', join(folder, '*')],
      'com.amazonaws.services.dynamodbv2.local.main.ServerRunner',
      ...['-inMemory', '-disableTelemetry', '-port', String(port)],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const exited = once(server, 'exit').then(() => undefined);
  const said: string[] = [];
  for (const stream of [server.stdout, server.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => said.push(text));
  }
  const stop = async (): Promise<void> => {
    server.kill('SIGKILL');
    await exited;
  };
  const endpoint = `http://127.0.0.1:${port}`;
  if (await answers(endpoint, server, timeoutMs)) return { endpoint, stop };
  await stop();
  throw new Error(`DynamoDB Local does not answer:\n${said.join('')}`);
};

/** @throws Error where the command is not there */
const needs = (command: string, versionFlag: string, what: string): void => {
  const { status } = spawnSync(command, [versionFlag], { stdio: 'ignore' });
  if (status !== 0) throw new Error(`${command} is missing: install ${what}`);
};

/** It is free when asked for; DynamoDB Local cannot choose one itself. */
const freePort = async (): Promise<number> => {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
};

/** Any answer is one: a request that says nothing is refused, but by a server that is up. */
const answers = async (endpoint: string, server: ChildProcess, timeoutMs: number): Promise<boolean> => {
  for (const end = Date.now() + timeoutMs; Date.now() < end && server.exitCode === null; await sleep(50)) {
    try {
      await fetch(endpoint);
      return true;
    } catch {
      // Not yet.
    }
  }
  return false;
};
