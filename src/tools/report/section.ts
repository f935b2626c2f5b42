/** A figure that carries over to other machines: a ratio, or a measure with a limit. */
export interface Ratio {
  readonly name: string;
  readonly value: number;
  /** The least and the greatest of the rounds that it was measured in, where there were several. */
  readonly spread?: Spread;
  /** The limit of the figure; absent where it is for information only. */
  readonly target?: Target;
  /** Of the value and its target: `ms`, `MB`; a plain ratio has none. */
  readonly unit?: string;
}

export interface Spread {
  readonly least: number;
  readonly most: number;
}

export type Target =
  { readonly atLeast: number } | { readonly moreThan: number } | { readonly atMost: number };

export type Cell = string | number | null;

/** A column of figures: its key in each row, its title (none, if empty), and its number of decimals. */
export interface Column {
  readonly key: string;
  readonly head: string;
  readonly digits?: number;
}

/** Values side by side. */
export interface BarChart {
  readonly kind: 'bars';
  readonly title: string;
  /** Of the values. */
  readonly unit?: string;
  readonly bars: readonly {
    readonly name: string;
    readonly value: number;
    /** What to compare it with. */
    readonly mark?: number;
  }[];
}

/** Values along an axis that begins at 0. */
export interface LineChart {
  readonly kind: 'lines';
  readonly title: string;
  /** What the axes show, with the unit: `seconds`, `records a second`. */
  readonly x: string;
  readonly y: string;
  /** Where its axis begins, unless at 0. */
  readonly yFrom?: number;
  readonly series: readonly {
    readonly name: string;
    readonly points: readonly (readonly [x: number, y: number])[];
  }[];
}

/** What a page shows as a picture, and JSON as its figures. */
export type Chart = BarChart | LineChart;

/** A command's report, or one part of it: rendered for a terminal or a page, and written as JSON unchanged. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly ratios: readonly Ratio[];
  readonly columns: readonly Column[];
  readonly rows: readonly Readonly<Record<string, Cell>>[];
  /** Not for a terminal. */
  readonly charts?: readonly Chart[];
  /** Notes for reading the figures. */
  readonly notes: readonly string[];
}

/** A name and a fact about it, in words. */
export type Fact = readonly [name: string, text: string];

const FACT_COLUMNS: readonly Column[] = [
  { key: 'name', head: '' },
  { key: 'text', head: '' },
];

/** A section whose rows are a name and a text. */
export const factsSection = (id: string, title: string, facts: readonly Fact[]): Section => ({
  id,
  title,
  ratios: [],
  columns: FACT_COLUMNS,
  rows: facts.map(([name, text]) => ({ name, text })),
  notes: [],
});

/** A section of a table. */
export const tableSection = (
  id: string,
  title: string,
  columns: readonly Column[],
  rows: Section['rows'],
): Section => ({ id, title, ratios: [], columns, rows, notes: [] });

/** Whether a figure is within its limit; undefined where it has none. */
export const isMet = ({ value, target }: Ratio): boolean | undefined => {
  if (target === undefined) return undefined;
  if ('atLeast' in target) return value >= target.atLeast;
  return 'atMost' in target ? value <= target.atMost : value > target.moreThan;
};

/** A figure that was measured in several rounds. */
export interface Measurement {
  readonly value: number;
  /** In the order in which they were; those of figures with as many rounds were measured in turn with these. */
  readonly rounds: readonly number[];
}

/** The ratio of two figures; empty if one is missing. */
export const ratioOf = (
  name: string,
  over: number | Measurement | undefined,
  under: number | Measurement | undefined,
  target?: Target,
): readonly Ratio[] => {
  if (over === undefined || under === undefined) return [];
  const spread = spreadOf(over, under);
  return [
    {
      name,
      value: valueOf(over) / valueOf(under),
      ...(spread !== undefined && { spread }),
      ...(target !== undefined && { target }),
    },
  ];
};

const valueOf = (figure: number | Measurement): number =>
  typeof figure === 'number' ? figure : figure.value;

/** Of the ratios of each round; a figure without rounds is the same in all. */
const spreadOf = (over: number | Measurement, under: number | Measurement): Spread | undefined => {
  const rounds = [over, under].flatMap((one) => (typeof one === 'number' ? [] : [one.rounds.length]));
  const count = Math.min(...rounds);
  if (rounds.length === 0 || count < 2 || rounds.some((own) => own !== count)) return undefined;
  const at = (figure: number | Measurement, round: number): number =>
    typeof figure === 'number' ? figure : (figure.rounds[round] ?? Number.NaN);
  const ratios = Array.from({ length: count }, (_, round) => at(over, round) / at(under, round));
  return { least: Math.min(...ratios), most: Math.max(...ratios) };
};
