import type { AlarmSource, Emulated } from "../assembly/emulated.ts";

/** The templates as far as one Region of them runs, and what is left out for it. */
export interface AtHome {
  readonly emulated: Emulated;
  readonly notices: readonly string[];
}

/**
 * Leaves out what belongs to functions of other Regions: their functions do not run here, so their alarms would speak
 * of an outage. Alarms on bills watch the account, wherever they live.
 */
export function atHome(emulated: Emulated, home: string): AtHome {
  const elsewhere = new Set(emulated.functions.map(({ definition }) => definition.region));
  elsewhere.delete(home);
  const stays = (alarm: AlarmSource): boolean => !elsewhere.has(alarm.region) || watchesBills(alarm);
  return {
    emulated: {
      ...emulated,
      functions: emulated.functions.filter(({ definition }) => definition.region === home),
      schedules: emulated.schedules.filter(({ functionArn }) => functionArn.split(":")[3] === home),
      customResources: emulated.customResources.filter(
        ({ serviceToken }) => serviceToken.split(":")[3] === home,
      ),
      urls: emulated.urls.filter(({ functionArn }) => functionArn.split(":")[3] === home),
      alarms: emulated.alarms.filter(stays),
    },
    notices: [...elsewhere].map(
      (region) =>
        `functions, schedules and alarms of ${region} do nothing here: the local runtime runs those of ${home}`,
    ),
  };
}

function watchesBills({ definition }: AlarmSource): boolean {
  return "namespace" in definition && definition.namespace === "AWS/Billing";
}
