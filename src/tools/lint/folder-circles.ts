/**
 * Finds folders that import each other in a circle: `npm run lint`. dependency-cruiser
 * looks at files; people think in folders.
 */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import ts from 'typescript';

/** An import, as the two places at the depth where their paths part: folders, or files beside folders. */
interface Arrow {
  readonly from: string;
  readonly to: string;
  /** The files, for people. */
  readonly because: string;
}

const importsOf = (file: string): readonly string[] =>
  ts
    .preProcessFile(readFileSync(file, 'utf8'), true, true)
    .importedFiles.map(({ fileName }) => fileName)
    .filter((name) => name.startsWith('.'))
    .map((name) => normalize(join(dirname(file), name)));

const arrowOf = (file: string, imported: string): Arrow => {
  const [one, other] = [file.split('/'), imported.split('/')];
  const depth = one.findIndex((part, index) => part !== other[index]) + 1;
  return {
    from: one.slice(0, depth).join('/'),
    to: other.slice(0, depth).join('/'),
    because: `${file} → ${imported}`,
  };
};

/** The shortest way back from `start` to itself; undefined where there is none. */
const circleFrom = (start: string, arrows: ReadonlyMap<string, readonly Arrow[]>): Arrow[] | undefined => {
  const ways: Arrow[][] = (arrows.get(start) ?? []).map((arrow) => [arrow]);
  const seen = new Set<string>();
  for (let way = ways.shift(); way !== undefined; way = ways.shift()) {
    const before = way;
    const end = way.at(-1)?.to ?? start;
    if (end === start) return way;
    if (seen.has(end)) continue;
    seen.add(end);
    ways.push(...(arrows.get(end) ?? []).map((arrow) => [...before, arrow]));
  }
  return undefined;
};

/** @returns the circles of folders below a folder, each once, as the imports that close it */
export const folderCircles = (folder: string): readonly (readonly string[])[] => {
  const files = globSync(`${folder}/**/*.ts`);
  const arrows = Map.groupBy(
    files.flatMap((file) => importsOf(file).map((imported) => arrowOf(file, imported))),
    ({ from }) => from,
  );
  const circles = [...arrows.keys()].flatMap((place) => {
    const circle = circleFrom(place, arrows);
    // Each circle is found from each of its folders; it is reported from the first one in the alphabet.
    return circle === undefined || circle.some(({ to }) => to < place) ? [] : [circle];
  });
  return circles.map((circle) => circle.map(({ because }) => because));
};

if (import.meta.main) {
  const [folder = 'src'] = process.argv.slice(2);
  const circles = folderCircles(folder);
  for (const circle of circles) console.error(['folders in a circle:', ...circle].join('\n  '));
  process.exitCode = circles.length === 0 ? 0 : 1;
}
