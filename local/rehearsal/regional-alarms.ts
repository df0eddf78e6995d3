import type { AlarmDefinition, AlarmHome, Transition } from "@wrist-agent/cloudwatch/alarm";
import { Alarms } from "@wrist-agent/cloudwatch/alarms/alarms";
import type { AlarmSource } from "@wrist-agent/cloudwatch/alarms/alarm-points";

/** Alarms and the Regions in which they live: CloudWatch refuses an action or a child in another one. */
export interface PlacedAlarms {
  /** Where an alarm lives of which `regions` says nothing. */
  readonly home: AlarmHome;
  readonly definitions: readonly AlarmDefinition[];
  /** The Region of each alarm that lives elsewhere, by its name: charges are published in one Region alone. */
  readonly regions?: Readonly<Record<string, string>>;
}

/** Says for {@link PlacedAlarms} where alarms live that come with their Regions. */
export function regionsOf(
  alarms: readonly { readonly region: string; readonly definition: AlarmDefinition }[],
  home: AlarmHome,
): Readonly<Record<string, string>> {
  const elsewhere = alarms.filter(({ region }) => region !== home.region);
  return Object.fromEntries(elsewhere.map(({ region, definition }) => [definition.alarmName, region]));
}

/** One {@link Alarms} for each Region, all over the metrics of one feed. */
export class RegionalAlarms {
  readonly #byRegion = new Map<string, Alarms>();
  readonly #placed: PlacedAlarms;

  constructor(placed: PlacedAlarms, source: AlarmSource, nowMs: number) {
    this.#placed = placed;
    for (const region of new Set([placed.home.region, ...Object.values(placed.regions ?? {})])) {
      const definitions = placed.definitions.filter(({ alarmName }) => this.#regionOf(alarmName) === region);
      const alarms = new Alarms({ ...placed.home, region, ...source });
      alarms.putAll(definitions, nowMs);
      this.#byRegion.set(region, alarms);
    }
  }

  /** The alarms among which one lives. */
  around(alarmName: string): Alarms {
    const region = this.#regionOf(alarmName);
    const alarms = this.#byRegion.get(region);
    if (alarms === undefined) throw new Error(`no alarm ${alarmName} in ${region}`);
    return alarms;
  }

  /** Evaluates the alarms of every Region. */
  evaluate(nowMs: number): readonly Transition[] {
    return [...this.#byRegion.values()].flatMap((alarms) => alarms.evaluate(nowMs));
  }

  #regionOf(alarmName: string): string {
    const { home, regions = {} } = this.#placed;
    return regions[alarmName] ?? home.region;
  }
}
