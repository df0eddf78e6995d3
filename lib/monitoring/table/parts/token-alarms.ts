import type { StageConfig } from "../../../config/stage-config.ts";
import type { AlarmRow } from "../alarm-row.ts";

const HOUR = 3600;
const HOURS_OF_DAY = 24;

/** Days beyond the rotation's turn after which it has plainly not happened. */
const LATE_DAYS = 2;

function tooOldDays(config: StageConfig): number {
  return config.tokenRotationDays + LATE_DAYS;
}

/** The token that every Shortcut sends. */
export const TOKEN_ALARMS: readonly AlarmRow[] = [
  {
    key: "previous-token-in-use",
    severity: "ticket",
    profile: "full",
    needs: "custom",
    happened: () => "Within the last day a Shortcut sent the token that the last rotation replaced.",
    means:
      "It is served until the grace time of that rotation ends; from then on every request is refused, and the watch says why.",
    firstStep:
      "Put the current token into that Shortcut; the log query tells the client, its last use, and whether it is still served (previous) or refused (expired).",
    thenSteps: [
      "The current token is in the SSM parameter that `CLIENT_TOKEN_PARAM_NAME` names; copy `current` into the Shortcut's token field.",
      "`previous`, and no Shortcut of yours has that client: somebody else holds the token and is served. `npm run cli -- rotate-token --revoke-previous` makes a new token and ends every grace time at once; put it into every Shortcut.",
      "`expired`, and no Shortcut of yours has that client: nothing got through and nothing is to be done. The next rotation forgets that token; its requests are then refused as those with any wrong one.",
    ],
    log: "previousToken",
    window: {
      kind: "clock",
      why: "An hour without requests keeps the state; a day of hours, as one device may sleep for most of it.",
    },
    why: "One use is enough, since it ends in refusals or already has. Each request with either token says 1 or 0, so OK takes a request with the current token and a day without the replaced one: two devices that take turns do not make the alarm flap, and an owner who gives up on a refused Shortcut does not end it. A token that the document does not know says nothing, so nobody raises or ends the alarm by guessing.",
    rule: ({ metrics }) => ({
      metric: metrics.custom("PreviousToken", "Maximum", HOUR),
      threshold: 1,
      datapointsToAlarm: 1,
      evaluationPeriods: HOURS_OF_DAY,
      treatMissingData: "ignore",
    }),
  },
  {
    key: "token-age",
    severity: "ticket",
    profile: "full",
    needs: "custom",
    exists: ({ tokenRotationDays }) => tokenRotationDays > 0,
    happened: (config) =>
      `The token is over ${tooOldDays(config)} days old; it is to change every ${config.tokenRotationDays}.`,
    means: "Dictating works. Who ever saw the token can still use it.",
    firstStep: "Rotate the token, then put the new one into every Shortcut within the grace time.",
    thenSteps: [
      "The rotation did not run by itself: read the log of the rotation function.",
      "It ran and the age stays: the parameter's `createdAt` was not written; the agent reads it with the token.",
    ],
    window: {
      kind: "clock",
      why: "An hour without requests keeps the state.",
    },
    why: "The agent tells the age with every authorised request. The rotation looks every day, so two days beyond its turn leave room for a failed run and its repetition. With `TOKEN_ROTATION_DAYS=0` there is no such alarm. The first request with a new token brings OK. A token that never said when it was made has no age and no alarm.",
    rule: ({ config, metrics }) => ({
      metric: metrics.custom("TokenAgeDays", "Minimum", HOUR),
      threshold: tooOldDays(config),
      datapointsToAlarm: 1,
      evaluationPeriods: 1,
      treatMissingData: "ignore",
    }),
  },
];
