import { join } from 'node:path';
import { installNodePeers, installPythonPeers } from './install.ts';
import { type PeerProcess, startPeer } from './peer-process.ts';

/** Other implementations, by name. */
export const PEERS = [
  'transformers.js',
  'python-onnx',
  'python-torch',
  'transformers-questions',
  'scikit-learn',
  'openvino',
  'ctranslate2',
] as const;
export type PeerName = (typeof PEERS)[number];

export interface Peers {
  /** Whether other implementations are to be compared with. */
  readonly wanted: boolean;
  /** The process of a peer, started when first asked for; undefined where it is not to be had. */
  open(name: PeerName): Promise<PeerProcess | undefined>;
  /** Another process of a peer, for its caller to stop. */
  start(name: PeerName): Promise<PeerProcess | undefined>;
  /** Which peers there were and why others were not. */
  state(): Readonly<Partial<Record<PeerName, string>>>;
  stop(): Promise<void>;
}

/** The program of a peer and what has to be installed for it. */
const starters: Readonly<Record<PeerName, (root: string) => Promise<PeerProcess>>> = {
  'transformers.js': async (root) =>
    startPeer(process.execPath, [join(await installNodePeers(root), 'transformers-js.mjs')]),
  'python-onnx': (root) => startPython(root, 'python', 'onnx_peer.py'),
  'python-torch': (root) => startPython(root, 'torch', 'torch_peer.py'),
  'transformers-questions': (root) => startPython(root, 'questions', 'question_peer.py'),
  'scikit-learn': (root) => startPython(root, 'python', 'sklearn_peer.py'),
  openvino: (root) => startPython(root, 'engines', 'openvino_peer.py'),
  ctranslate2: (root) => startPython(root, 'engines', 'ctranslate2_peer.py'),
};

const startPython = async (
  root: string,
  packages: 'python' | 'torch' | 'questions' | 'engines',
  script: string,
): Promise<PeerProcess> => {
  const python = await installPythonPeers(root, packages);
  return startPeer(python, [join(root, 'test', 'peers', 'python', script)]);
};

/**
 * The peers, installed and started on first use. One that cannot be is left out, with a warning.
 *
 * @param wanted whether peers are wanted; otherwise none is available
 */
export const openPeers = (root: string, wanted: boolean): Peers => {
  const opened = new Map<PeerName, Promise<PeerProcess | undefined>>();
  const state: Partial<Record<PeerName, string>> = {};
  const start = async (name: PeerName): Promise<PeerProcess | undefined> => {
    try {
      if (!wanted) throw new Error('--no-peers');
      const peer = await starters[name](root);
      const { version } = await peer.ask<{ version: string }>({ do: 'version' });
      state[name] = version;
      return peer;
    } catch (error) {
      state[name] = `skipped: ${error instanceof Error ? error.message : String(error)}`;
      if (wanted) console.warn(`SKIPPED: peer ${name}: ${state[name]}`);
      return undefined;
    }
  };
  return {
    wanted,
    open: (name) => {
      const peer = opened.get(name) ?? start(name);
      opened.set(name, peer);
      return peer;
    },
    start,
    state: () => state,
    stop: async () => {
      for (const peer of await Promise.all(opened.values())) await peer?.stop();
    },
  };
};
