/** `npm run bench`: measures all figures that are promised, and the peers to compare with, in one run. */
import { Command } from 'commander';
import { benchedModels, withModels } from '../bench/context.ts';
import { thisMachine } from '../bench/machine.ts';
import { openPeers } from '../bench/peers/peers.ts';
import { SECTIONS, sections } from '../bench/sections/all.ts';
import type { Section } from '../report/section.ts';
import { sectionText } from '../report/terminal.ts';
import { benchTexts } from '../bench/texts.ts';
import { openBuildFolder } from '../build/build-folder.ts';
import { buildFunction } from '../build/built-function.ts';
import { openReport } from '../report/report-file.ts';
import { onInterrupt } from './on-interrupt.ts';
import { ROOT } from './root.ts';
import { run, withStatus } from './run.ts';

interface Options {
  readonly model?: string;
  readonly models?: string;
  readonly only?: string;
  readonly report?: string;
  readonly html?: string;
  readonly peers: boolean;
  readonly quick?: boolean;
}

const program = new Command('npm run bench --')
  .description(
    'Measures in one run on this machine, on one thread unless noted. Ratios carry over to other machines; seconds do not.',
  )
  .argument(
    '[sections...]',
    'these sections alone; engines (OpenVINO and CTranslate2), http (the API under load), objects, objects-memory and predict are measured only if named',
  )
  .option('--model <name>', 'this model alone, as name or name@version, instead of all')
  .option('--models <folder>', 'models of another folder, <folder>/<name>/<version>, as they are')
  .option('--only <sections>', `the same, separated by commas: ${SECTIONS.join(', ')}`)
  .option('--report <file>', 'write the figures as JSON, too')
  .option('--html <file>', 'write them as a page, too')
  .option('--no-peers', 'without other implementations, which are installed where they are missing')
  .option('--quick', 'fewer rounds and smaller samples: for a first look and for CI');

const INTERRUPTED: Section = {
  ...{ id: 'interrupted', title: 'Interrupted', ratios: [], columns: [], rows: [] },
  notes: ['The benchmark was interrupted: the sections above are those that it had measured.'],
};

const main = async (
  named: readonly string[],
  { model, models, only, report, html, peers: wanted, quick = false }: Options,
): Promise<number> => {
  await openBuildFolder(ROOT);
  const write = await openReport({ report, html }, 'npm run bench');
  const built = await buildFunction(ROOT);
  const ours = models === undefined ? built : withModels(built, models);
  const machine = thisMachine();
  const peers = openPeers(ROOT, wanted);
  const texts = benchTexts(ROOT);
  const benched = await benchedModels(ours, model);
  const context = { root: ROOT, built: ours, models: benched, texts, peers, quick };
  const { cpu, cores, node, platform, load } = machine;
  console.log(`${cpu}, ${cores} cores, ${platform}, Node.js ${node}, load before ${load.toFixed(1)}`);

  const chosen = [...named, ...(only?.split(',') ?? [])];
  const found: Section[] = [];
  const save = (sections: readonly Section[]) =>
    write({ machine, texts: texts.source, quick, peers: peers.state(), sections });
  onInterrupt(() => save([...found, INTERRUPTED]));
  try {
    for await (const section of sections(context, chosen.length > 0 ? chosen : undefined)) {
      found.push(section);
      console.log(`\n${sectionText(section)}`);
    }
  } finally {
    await peers.stop();
  }
  const state = Object.entries(peers.state()).map(([name, what]) => `${name}: ${what}`);
  if (state.length > 0) console.log(`\nPeers\n  ${state.join('\n  ')}`);
  await save(found);
  return 0;
};

await run(program.action(withStatus(main)));
