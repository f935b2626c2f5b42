import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Model } from '../tasks/model.ts';
import { answerTally, indexFrom, lowConfidence } from '../tasks/reference.ts';
import { type Answered, scoredAnswers } from '../tasks/scored-answers.ts';
import { taskOf } from '../tasks/tasks.ts';

/** Reports how confident models are, and how far their labels have moved from those they were published with. */
export interface AnswerTelemetry {
  /** Takes note of the answers of a model that a door has asked; not of the stages that a cascade asks. */
  answered(model: Model, answers: readonly Answered[]): void;
  /** Reports what is due, at the end of an invocation. */
  report(): void;
}

/** Of the answers of a model, at the end of an invocation that has so many of them together … */
const MANY = 100;

/** … or so many milliseconds after the last report. */
const LATEST_MS = 60_000;

/** Answers by label that an index is computed of: of fewer, chance alone moves it. */
const LEAST_ANSWERS = 1_000;
const ANSWERS_PER_LABEL = 25;

const INDEX = 'PopulationStabilityIndex';

/** The dimension by which a metric is also by version of a model. */
const MODEL = 'model';

/**
 * Metrics in CloudWatch's embedded metric format, on standard output. By `name@version` in the dimension `model`:
 * `Confidence`, the mean score; `LowConfidence`, the percentage of answers below the score of the reference (0.5 for a
 * model without one). For a model whose reference has labels, by version and altogether: `PopulationStabilityIndex` of
 * the last answers of the environment, at least 1,000 and 25 for each label.
 */
export const answerTelemetry = (now: () => number = Date.now): AnswerTelemetry => {
  const metrics = new Metrics();
  const watched = new Map<string, Watched>();
  const watchedOf = (model: Model): Watched => {
    const known = watched.get(model.id) ?? watch(model, now());
    watched.set(model.id, known);
    return known;
  };
  const report = (one: Watched): void => {
    const { texts, confidence } = one.recent.read();
    if (texts === 0 || (texts < MANY && now() - one.reportedMs < LATEST_MS)) return;
    const index = indexOf(one);
    if (confidence !== undefined) {
      metrics.addMetric('Confidence', MetricUnit.NoUnit, confidence.mean);
      metrics.addMetric('LowConfidence', MetricUnit.Percent, 100 * confidence.share);
    }
    if (index !== undefined) metrics.addMetric(INDEX, MetricUnit.NoUnit, index);
    if (metrics.hasStoredMetrics()) {
      metrics.addDimension(MODEL, one.model.id);
      metrics.publishStoredMetrics();
    }
    if (index !== undefined) {
      // Of all models, for the alarm.
      metrics.addMetric(INDEX, MetricUnit.NoUnit, index);
      metrics.publishStoredMetrics();
      one.window.clear();
    }
    one.recent.clear();
    one.reportedMs = now();
  };
  return {
    answered: (model, answers) => {
      const { recent, window } = watchedOf(model);
      const hasLabels = model.reference?.labels !== undefined;
      for (const { label, score } of scoredAnswers(answers, taskOf(model))) {
        recent.add(undefined, score);
        if (hasLabels) window.add(label, score);
      }
    },
    report: () => {
      for (const one of watched.values()) report(one);
    },
  };
};

/** What is known of a model's answers. */
interface Watched {
  readonly model: Model;
  /** The scores since the last report. */
  readonly recent: ReturnType<typeof answerTally>;
  /** The labels since the last index; none where the model's reference has none. */
  readonly window: ReturnType<typeof answerTally>;
  reportedMs: number;
}

const watch = (model: Model, nowMs: number): Watched => {
  const below = lowConfidence(model.reference);
  return { model, recent: answerTally(below), window: answerTally(below), reportedMs: nowMs };
};

const indexOf = ({ model: { reference }, window }: Watched): number | undefined => {
  const { texts, labels } = window.read();
  const known = Object.keys(reference?.labels ?? {}).length;
  const isEnough = texts >= Math.max(LEAST_ANSWERS, ANSWERS_PER_LABEL * known);
  return isEnough ? indexFrom(reference, labels) : undefined;
};
