import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PeerProcess, startPeer } from '../../../src/tools/bench/peers/peer-process.ts';
import { openPeers } from '../../../src/tools/bench/peers/peers.ts';

const PEER = `
  require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
    const request = JSON.parse(line);
    if (request.do === 'die') {
      console.error('out of memory');
      process.exit(1);
    }
    const answer = request.do === 'fail' ? { error: 'no such model' } : { threads: process.env.OMP_NUM_THREADS, request };
    console.log(JSON.stringify(answer));
  });
`;

describe('a peer', () => {
  let folder: string;
  let peer: PeerProcess;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'labelstream-peer-'));
    const script = join(folder, 'peer.cjs');
    writeFileSync(script, PEER);
    peer = startPeer(process.execPath, [script]);
  });
  afterEach(async () => {
    await peer.stop();
    rmSync(folder, { recursive: true });
  });

  it('answers one request after the other, on one thread', async () => {
    const requests = [{ do: 'a', texts: ['x\ny', '✓'] }, { do: 'b' }];
    for (const request of requests) expect(await peer.ask(request)).toEqual({ threads: '1', request });
  });

  it('tells why it failed, and answers on', async () => {
    await expect(peer.ask({ do: 'fail' })).rejects.toThrow('no such model');
    expect(await peer.ask({ do: 'a' })).toMatchObject({ threads: '1' });
  });

  it('that ends is told with its last words', async () => {
    await expect(peer.ask({ do: 'die' })).rejects.toThrow(/peer\.cjs has ended: out of memory/);
    await expect(peer.ask({ do: 'a' })).rejects.toThrow('has ended');
  });

  it('that is not there at all is told, too', async () => {
    const missing = startPeer(join(folder, 'nowhere'), []);
    await expect(missing.ask({ do: 'a' })).rejects.toThrow('ENOENT');
    await missing.stop();
  });
});

describe('peers', () => {
  let warn: jest.SpyInstance;
  beforeEach(() => {
    warn = jest.spyOn(console, 'warn').mockImplementation();
  });
  afterEach(() => warn.mockRestore());

  it('that are not wanted are skipped quietly, and the report says so', async () => {
    const peers = openPeers(tmpdir(), false);
    expect(await peers.open('transformers.js')).toBeUndefined();
    expect(peers.state()).toEqual({ 'transformers.js': 'skipped: --no-peers' });
    expect(warn).not.toHaveBeenCalled();
    await peers.stop();
  });

  it('that cannot be installed are skipped loudly, with the reason', async () => {
    const peers = openPeers(join(tmpdir(), 'labelstream-no-checkout'), true);
    expect(await peers.open('python-onnx')).toBeUndefined();
    expect(peers.state()['python-onnx']).toMatch(/^skipped: .*requirements\.txt/);
    expect(warn).toHaveBeenCalledWith(
      expect.stringMatching(/SKIPPED: peer python-onnx: .*requirements\.txt/),
    );
    await peers.stop();
  });
});
