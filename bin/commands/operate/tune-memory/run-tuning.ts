import { Failure, messageOf } from "../../failure.ts";
import { compare, type Comparison } from "./compare.ts";
import { measureVersion, publishSizes, type Measurement, type MeasurementPlan } from "./measure.ts";
import { putBack } from "./settle.ts";
import { LATEST, type Bench, type FunctionState } from "./tuned-function.ts";

/** What a measurement is for. */
export interface Tuning {
  readonly plan: MeasurementPlan;
  readonly traffic: { readonly coldShare: number; readonly requestsPerDay: number };
  /** US dollars for a gigabyte-second by architecture. */
  readonly prices: Readonly<Record<FunctionState["architecture"], number>>;
}

/** Measures the sizes of a plan; whatever happens, the function is as it was afterwards. */
export async function runTuning(bench: Bench, { plan, traffic, prices }: Tuning): Promise<Comparison> {
  const { memoryMb, architecture } = await bench.tuned.read(LATEST);
  const measurements = await leavingNoTrace(bench, () => measureAll(bench, plan));
  const usdPerGigabyteSecond = prices[architecture];
  return compare(measurements, { ...traffic, usdPerGigabyteSecond, currentMemoryMb: memoryMb });
}

async function measureAll(bench: Bench, plan: MeasurementPlan): Promise<readonly Measurement[]> {
  const { sizes, cold, warm } = plan;
  const publishing = publishSizes(bench, sizes);
  const versions = await bench.progress(`publishing ${sizes.length} versions to measure`, publishing);
  const done: Measurement[] = [];
  for (const version of versions) {
    const text = `${version.memoryMb} MB: ${cold + warm} questions (size ${done.length + 1} of ${sizes.length})`;
    done.push(await bench.progress(text, measureVersion(bench, version, plan)));
  }
  return done;
}

async function leavingNoTrace<T>(bench: Bench, act: () => Promise<T>): Promise<T> {
  const ended = await act().then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  await bench.progress("putting everything back", putBack(bench)).catch((error: unknown) => {
    throw new Failure(
      `${bench.tuned.name} may not be as it was: run tune-memory --clean (${messageOf(error)})`,
      { cause: error },
    );
  });
  if (!("error" in ended)) return ended.value;
  if (!bench.signal.aborted) throw ended.error;
  throw new Failure("interrupted: nothing is left of the measurement", { cause: ended.error });
}
